/*
 * Comforts of the issue form: lists to pick from, keys of the grid, paste from a spreadsheet.
 * Nothing is computed here: sums, checks and what a pasted row means come from the server.
 */
(function () {
  "use strict";

  var form = document.getElementById("issue");
  var box = document.getElementById("offers-box");
  var list = document.getElementById("offers");
  var nothing = document.getElementById("offers-empty");
  var said = document.getElementById("offers-said");
  var template = document.getElementById("line-template");
  var PICK_DELAY_MS = 120;
  var picking = null; // the field whose list is open
  var asked = null; // the request under way
  var timer = 0;

  function changed(field) {
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /* ---- lists to pick from ---- */

  function addressFor(field) {
    var inclusive = form.querySelector("[name=prices_include_tax]:checked").value;
    var query = new URLSearchParams({ q: field.value, inclusive: inclusive });
    if (field.dataset.picker === "buyers") return form.dataset.buyers + "?" + query;
    if (field.dataset.picker === "codes") query.set("only", "codes");
    return form.dataset.goods + "?" + query;
  }

  function dress(field) {
    if (field.hasAttribute("role")) return;
    field.setAttribute("role", "combobox");
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-haspopup", "listbox");
    field.setAttribute("aria-expanded", "false");
    field.setAttribute("aria-controls", "offers");
  }

  function close() {
    if (asked) asked.abort();
    clearTimeout(timer);
    if (picking) {
      picking.setAttribute("aria-expanded", "false");
      picking.removeAttribute("aria-activedescendant");
    }
    picking = null;
    box.hidden = true;
    list.replaceChildren();
  }

  function place(field) {
    var at = field.getBoundingClientRect();
    var frame = form.getBoundingClientRect();
    form.style.position = "relative";
    box.style.top = at.bottom - frame.top + 4 + "px";
    box.style.width = Math.max(at.width, Math.min(448, frame.width)) + "px";
    var room = frame.width - (at.left - frame.left) - box.offsetWidth;
    box.style.left = Math.max(0, at.left - frame.left + Math.min(0, room)) + "px";
    var below = box.getBoundingClientRect().bottom + 12 - window.innerHeight;
    if (below > 0) window.scrollBy(0, Math.min(below, Math.max(0, at.top - 120)));
  }

  function open(field) {
    if (asked) asked.abort();
    var mine = (asked = new AbortController());
    fetch(addressFor(field), { signal: mine.signal, headers: { "HX-Request": "true" } })
      .then(function (answer) { return answer.ok ? answer.text() : ""; })
      .then(function (html) {
        if (mine.signal.aborted || document.activeElement !== field) return;
        list.innerHTML = html;
        var count = list.children.length;
        if (!count && !field.value) return close();
        picking = field;
        nothing.hidden = count > 0;
        box.hidden = false;
        place(field);
        field.setAttribute("aria-expanded", String(count > 0));
        said.textContent = count + " " + said.dataset.words;
      })
      .catch(function (error) { if (error.name !== "AbortError") close(); });
  }

  function current() {
    return list.querySelector("[aria-selected=true]");
  }

  function move(by) {
    var options = Array.from(list.children);
    if (!options.length) return;
    var at = options.indexOf(current());
    var to = at < 0 ? (by > 0 ? 0 : options.length - 1) : (at + by + options.length) % options.length;
    options.forEach(function (one, index) { one.setAttribute("aria-selected", String(index === to)); });
    options[to].scrollIntoView({ block: "nearest" });
    picking.setAttribute("aria-activedescendant", options[to].id);
  }

  function take(option) {
    var field = picking;
    var fill = JSON.parse(option.dataset.fill);
    var before = field.dataset.picker === "buyers" ? "buyer." : field.name.replace(/\.\w+$/, ".");
    close();
    Object.keys(fill).forEach(function (name) {
      var target = form.elements[before + name];
      if (!target) return;
      if (target.type === "checkbox") target.checked = Boolean(fill[name]);
      else target.value = fill[name];
    });
    if (before === "buyer.") document.getElementById("buyer-more-said").textContent = [fill.address, fill.bank_name].filter(Boolean).join(" · ");
    var next = before === "buyer." ? form.querySelector("[data-picker=goods]") : form.elements[before + "quantity"];
    if (next) next.focus();
    changed(field);
  }

  form.addEventListener("focusin", function (event) {
    var field = event.target;
    if (!field.dataset.picker) return;
    dress(field);
    if (field.dataset.picker === "buyers" && !field.value) open(field);
  });

  form.addEventListener("input", function (event) {
    var field = event.target;
    if (!field.dataset.picker || document.activeElement !== field || !event.isTrusted) return;
    dress(field);
    clearTimeout(timer);
    timer = setTimeout(function () { open(field); }, PICK_DELAY_MS);
  });

  form.addEventListener("focusout", function (event) {
    if (event.target === picking) setTimeout(function () { if (document.activeElement !== picking) close(); }, 150);
  });

  list.addEventListener("mousedown", function (event) { event.preventDefault(); });
  list.addEventListener("click", function (event) {
    var option = event.target.closest("[role=option]");
    if (option) take(option);
  });

  /* ---- keys ---- */

  function cells(line) {
    return Array.from(line.querySelectorAll("input:not([type=hidden]), select")).filter(function (one) {
      return !one.classList.contains("inv-small") && one.getClientRects().length > 0;
    });
  }

  function lines() {
    return Array.from(document.querySelectorAll("#line-list > .inv-line"));
  }

  function addLine() {
    var count = lines().length;
    var holder = document.createElement("template");
    holder.innerHTML = template.innerHTML.replaceAll("__i__", count).replaceAll("__n__", count + 1);
    var line = holder.content.querySelector(".inv-line");
    document.getElementById("line-list").append(line);
    window.htmx.process(line);
    line.querySelector("[data-picker=goods]").focus();
    htmx.trigger(form, "gt-lines");
  }

  function onward(field) {
    var line = field.closest(".inv-line");
    var here = cells(line);
    var next = here[here.indexOf(field) + 1];
    if (field.classList.contains("inv-small")) next = field.name.endsWith("tax_code") ? here[1] : null;
    if (!next) {
      var below = line.nextElementSibling;
      if (!below) return addLine();
      next = cells(below)[0];
    }
    next.focus();
    if (next.select) next.select();
  }

  form.addEventListener("keydown", function (event) {
    var field = event.target;
    if (picking === field && !box.hidden) {
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        return move(event.key === "ArrowDown" ? 1 : -1);
      }
      if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        return close();
      }
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && current()) {
        event.preventDefault();
        return take(current());
      }
    } else if (event.key === "ArrowDown" && field.dataset.picker) {
      event.preventDefault();
      dress(field);
      return open(field);
    }
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
    if (field.tagName === "TEXTAREA" || field.tagName === "BUTTON" || field.tagName === "SUMMARY" || field.tagName === "A") return;
    event.preventDefault();
    if (field.closest("#line-list")) onward(field);
  });

  document.getElementById("add-line").addEventListener("click", function (event) {
    event.preventDefault();
    addLine();
  });

  /* ---- paste from a spreadsheet ---- */

  form.addEventListener("paste", function (event) {
    var field = event.target;
    var line = field.closest("#line-list > .inv-line");
    var text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    if (!line || !/[\t\n]/.test(text.replace(/\s+$/, ""))) return;
    event.preventDefault();
    var values = new FormData(form);
    values.delete("file");
    values.set("sheet", text);
    values.set("sheet_column", field.name.replace(/^.*\./, ""));
    values.set("do", "paste-at:" + line.dataset.line);
    window.htmx.ajax("POST", document.querySelector("[value=paste]").getAttribute("hx-post"), {
      target: "#lines", swap: "outerHTML", values: Object.fromEntries(values.entries()),
    });
  });

  /* ---- what the server said ---- */

  function show(messages, of) {
    messages.forEach(function (one) { one.classList.toggle("inv-hushed", document.activeElement === of); });
  }

  function afterAnswer() {
    lines().forEach(function (line) {
      var tax = document.getElementById("line-" + line.dataset.line + "-tax");
      ["quantity", "unit-price", "amount"].forEach(function (part) {
        var field = document.getElementById("field-lines-" + line.dataset.line + "-" + part);
        if (!field || line.classList.contains("inv-line-discount")) return;
        var worked = tax && tax.getAttribute("data-" + part);
        if (worked) field.placeholder = worked;
        else field.removeAttribute("placeholder");
      });
      var wrong = Array.from(line.querySelectorAll(".inv-line-errors [data-for]"));
      line.querySelectorAll("input, select").forEach(function (field) {
        var mine = wrong.filter(function (one) { return one.dataset.for === field.id; });
        field.toggleAttribute("aria-invalid", mine.length > 0);
        if (mine.length) field.setAttribute("aria-invalid", "true");
        show(mine, field);
      });
    });
    form.querySelectorAll(".inv-live[data-for]").forEach(function (messages) {
      var field = document.getElementById(messages.dataset.for);
      if (!field || field.tagName === "FIELDSET" || field.tagName === "SECTION") return;
      if (messages.children.length) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
      show(Array.from(messages.children), field);
    });
  }

  form.addEventListener("focusout", function () {
    form.querySelectorAll(".inv-hushed").forEach(function (one) { one.classList.remove("inv-hushed"); });
  });

  // At once, before anything is painted; and again when the library has put its attributes in order.
  document.addEventListener("htmx:afterSwap", afterAnswer);
  document.addEventListener("htmx:afterSettle", function (event) {
    if (!form.contains(event.target)) return;
    var kept = form.elements.draft_id.value;
    // The address follows the draft, so that reload and the back button find what was typed.
    if (kept) history.replaceState(null, "", "?draft=" + encodeURIComponent(kept));
    afterAnswer();
    var asking = event.detail.requestConfig && event.detail.requestConfig.path;
    if (asking && asking.endsWith("/lines/")) {
      close();
      document.getElementById("field-file").value = "";
      document.getElementById("field-sheet").value = "";
      form.querySelector(".inv-import").open = false;
      form.dispatchEvent(new Event("change"));
    }
  });

  document.getElementById("field-sheet").addEventListener("input", function (event) { event.stopPropagation(); });
  document.getElementById("field-file").addEventListener("change", function (event) { event.stopPropagation(); });
})();
