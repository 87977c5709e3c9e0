/*
 * Small comforts of the frame. Every page reads and works without them.
 *   /            goes to the search box          Esc  closes what has dropped down
 *   Ctrl+Enter   sends form[data-ctrl-enter]
 *   [data-copy="text"]   copies text and says so  [data-print]  prints      [data-focus]  takes the focus at once
 */
(function () {
  "use strict";

  function isTyping(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
  }

  function isShown(element) {
    return element.getClientRects().length > 0;
  }

  function closeDrops(except) {
    document.querySelectorAll("details.gt-drop[open], details.gt-basis[open]").forEach(function (drop) {
      if (drop !== except) drop.open = false;
    });
  }

  function goToSearch() {
    var box = Array.from(document.querySelectorAll(".gt-search-box")).find(isShown);
    if (!box) {
      var menu = document.querySelector(".gt-phone-menu");
      menu.open = true;
      box = menu.querySelector(".gt-search-box");
    }
    box.focus();
    box.select();
  }

  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && !isTyping(event.target) && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      goToSearch();
    } else if (event.key === "Escape") {
      var open = event.target.closest("details.gt-drop[open], details.gt-basis[open]");
      closeDrops(null);
      if (open) open.querySelector("summary").focus();
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      var form = event.target.closest("form[data-ctrl-enter]") || document.querySelector("form[data-ctrl-enter]");
      if (form) {
        event.preventDefault();
        form.requestSubmit(form.querySelector("[data-ctrl-enter-button]") || undefined);
      }
    }
  });

  document.addEventListener("click", function (event) {
    closeDrops(event.target.closest("details.gt-drop, details.gt-basis"));
    var copy = event.target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(copy.dataset.copy).then(function () {
        var said = copy.querySelector("[data-copy-words]") || copy;
        var before = said.textContent;
        said.textContent = copy.dataset.copied || "✓";
        setTimeout(function () { said.textContent = before; }, 1600);
      });
    }
    if (event.target.closest("[data-print]")) window.print();
  });

  document.addEventListener("DOMContentLoaded", function () {
    var first = document.querySelector("[data-focus]");
    if (first) first.focus();
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    var first = event.target.querySelector && event.target.querySelector("[data-focus]");
    if (first) first.focus();
  });
})();
