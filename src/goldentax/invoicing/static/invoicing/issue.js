/*
 * Comforts of the issue form: totals while typing, lists to pick from, keys of the grid, paste from a spreadsheet.
 * Nothing is computed here: sums, checks and what a pasted row means come from the server, as pieces of the page
 * that are put in the places of their ids. 2,000 lines have some 4,000 of them, more than htmx swaps in good time.
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
  var PREVIEW_DELAY_MS = 250;
  var KEEP_DELAY_MS = 1500;
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
    line.querySelector("[data-picker=goods]").focus();
    soon("preview");
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

  /* ---- ask the server, and put what it says in its places ---- */

  var under = {}; // the request under way, by what it is for
  var timers = {};

  function send(path, values, signal) {
    return fetch(path, { method: "POST", body: values, signal: signal, headers: { "HX-Request": "true" } }).then(function (answer) {
      // A session that is over leads to the sign-in page, which has no place in this one.
      if (answer.redirected || answer.status === 401 || answer.status === 403) throw new Error("expired");
      if (answer.status >= 500) throw new Error("offline");
      return answer.text();
    });
  }

  function complain(error) {
    if (error.name === "AbortError") return;
    var words = error.message === "expired" ? form.dataset.expired : form.dataset.offline;
    var place = document.getElementById("bar-state");
    place.textContent = words;
    place.classList.add("gt-ink-wrong");
  }

  function values(extra) {
    var found = new FormData(form);
    found.delete("file");
    found.delete("sheet");
    Object.keys(extra || {}).forEach(function (name) { found.set(name, extra[name]); });
    // A file needs many parts; everything else is sent as a plain form.
    return extra && extra.file ? found : new URLSearchParams(found);
  }

  function put(html) {
    var holder = document.createElement("template");
    holder.innerHTML = html;
    Array.from(holder.content.children).forEach(function (fresh) {
      var old = form.querySelector("#" + CSS.escape(fresh.id));
      if (!old || old.isEqualNode(fresh)) return;
      // The element stays and its content changes: so a screen reader hears what a status says.
      Array.from(old.attributes).forEach(function (one) { if (!fresh.hasAttribute(one.name)) old.removeAttribute(one.name); });
      Array.from(fresh.attributes).forEach(function (one) { old.setAttribute(one.name, one.value); });
      old.replaceChildren.apply(old, Array.from(fresh.childNodes));
    });
  }

  /* Fields put into a form that stands in the page are matched with all the others, each time; so the form steps out. */
  function apart(work) {
    var mark = document.createComment("");
    form.replaceWith(mark);
    work();
    mark.replaceWith(form);
  }

  var tasks = {
    preview: function (signal) {
      return send(form.dataset.preview, values(), signal).then(function (html) {
        put(html);
        afterAnswer();
      });
    },
    keep: function (signal) {
      return send(form.dataset.keep, values(), signal).then(function (html) {
        put(html);
        var kept = form.elements.draft_id.value;
        // The address follows the draft, so that reload and the back button find what was typed.
        if (kept) history.replaceState(null, "", "?draft=" + encodeURIComponent(kept));
      });
    },
  };

  /* The newest question replaces an older one; a draft being kept is let through, or one form would make two. */
  function run(name) {
    if (under[name]) {
      if (name === "keep") return soon(name);
      under[name].abort();
    }
    var mine = (under[name] = new AbortController());
    tasks[name](mine.signal).catch(complain).finally(function () {
      if (under[name] === mine) under[name] = null;
    });
  }

  function soon(name, delay) {
    clearTimeout(timers[name]);
    timers[name] = setTimeout(run, delay === undefined ? 30 : delay, name);
  }

  var turn = Promise.resolve(); // one change of the grid after the other, each on what the last one left

  function grid(extra) {
    clearTimeout(timers.preview);
    if (under.preview) under.preview.abort();
    close();
    turn = turn.then(function () { return send(form.dataset.lines, values(extra)); }).then(function (html) {
      apart(function () { put(html); });
      document.getElementById("field-file").value = "";
      document.getElementById("field-sheet").value = "";
      form.querySelector(".inv-import").open = false;
      afterAnswer();
      var next = document.querySelector("#lines [data-focus]");
      if (next) next.focus();
      soon("keep", KEEP_DELAY_MS);
    }).catch(complain);
  }

  form.addEventListener("input", function () {
    soon("preview", PREVIEW_DELAY_MS);
    soon("keep", KEEP_DELAY_MS);
  });
  form.addEventListener("change", function () { soon("preview", 60); });
  form.addEventListener("submit", function () { clearTimeout(timers.keep); });

  form.addEventListener("click", function (event) {
    var button = event.target.closest("button[data-grid]");
    if (!button) return;
    event.preventDefault();
    var extra = { do: button.value };
    if (button.value === "paste") extra.sheet = document.getElementById("field-sheet").value;
    if (button.value === "upload" && document.getElementById("field-file").files[0]) extra.file = document.getElementById("field-file").files[0];
    grid(extra);
  });

  /* ---- paste from a spreadsheet ---- */

  form.addEventListener("paste", function (event) {
    var field = event.target;
    var line = field.closest("#line-list > .inv-line");
    var text = event.clipboardData ? event.clipboardData.getData("text/plain") : "";
    if (!line || !/[\t\n]/.test(text.replace(/\s+$/, ""))) return;
    event.preventDefault();
    grid({ do: "paste-at:" + line.dataset.line, sheet: text, sheet_column: field.name.replace(/^.*\./, "") });
  });

  /* ---- what the server said ---- */

  function show(messages, of) {
    messages.forEach(function (one) { one.classList.toggle("inv-hushed", document.activeElement === of); });
  }

  function afterAnswer() {
    lines().forEach(function (line) {
      // Most of 2,000 lines say what they said before.
      var state = line.querySelector(".inv-tax").outerHTML + line.querySelector(".inv-line-errors").textContent;
      if (line.gtState === state && !line.contains(document.activeElement)) return;
      line.gtState = state;
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

  document.getElementById("field-sheet").addEventListener("input", function (event) { event.stopPropagation(); });
  document.getElementById("field-file").addEventListener("change", function (event) { event.stopPropagation(); });
})();
