/*
 * Passkeys: asks the node for options, the browser for a credential, and sends it with the form it stands in.
 *   form[data-passkey="get" | "create"]   data-options: where the options come from
 * What goes wrong is said in [data-said]; the words come from the page.
 */
(function () {
  "use strict";

  function toBytes(text) {
    var plain = atob(text.replace(/-/g, "+").replace(/_/g, "/"));
    return Uint8Array.from(plain, function (one) { return one.charCodeAt(0); });
  }

  function toText(buffer) {
    var plain = Array.from(new Uint8Array(buffer), function (one) { return String.fromCharCode(one); }).join("");
    return btoa(plain).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  }

  function withBytes(one) {
    return Object.assign({}, one, { id: toBytes(one.id) });
  }

  function readOptions(options) {
    options.challenge = toBytes(options.challenge);
    if (options.user) options.user.id = toBytes(options.user.id);
    if (options.excludeCredentials) options.excludeCredentials = options.excludeCredentials.map(withBytes);
    if (options.allowCredentials) options.allowCredentials = options.allowCredentials.map(withBytes);
    return options;
  }

  function writeCredential(credential) {
    var given = credential.response;
    var response = { clientDataJSON: toText(given.clientDataJSON) };
    if (given.attestationObject) {
      response.attestationObject = toText(given.attestationObject);
      response.transports = given.getTransports ? given.getTransports() : [];
    } else {
      response.authenticatorData = toText(given.authenticatorData);
      response.signature = toText(given.signature);
      response.userHandle = given.userHandle ? toText(given.userHandle) : null;
    }
    return JSON.stringify({
      id: credential.id,
      rawId: toText(credential.rawId),
      type: credential.type,
      authenticatorAttachment: credential.authenticatorAttachment || undefined,
      clientExtensionResults: credential.getClientExtensionResults(),
      response: response
    });
  }

  function say(form, words) {
    var place = form.querySelector("[data-said]");
    place.textContent = words;
    place.hidden = !words;
  }

  function fetchOptions(form) {
    var token = form.querySelector("[name=csrfmiddlewaretoken]").value;
    var asked = { method: "POST", headers: { "X-CSRFToken": token, Accept: "application/json" }, credentials: "same-origin" };
    return fetch(form.dataset.options, asked).then(function (answer) {
      return answer.json().then(function (body) {
        if (answer.ok) return readOptions(body);
        throw new Error(body.title + " " + body.detail + " (" + body.code + ")");
      });
    });
  }

  function wordsFor(form, error) {
    if (error.name === "InvalidStateError" && form.dataset.known) return form.dataset.known;
    if (error.name === "NotAllowedError" || error.name === "AbortError") return form.dataset.cancelled;
    if (error.name === "SecurityError" || error.name === "NotSupportedError") return form.dataset.unsupported;
    return error.message;
  }

  function begin(form) {
    var button = form.querySelector("[type=submit]");
    say(form, "");
    if (!window.PublicKeyCredential || !navigator.credentials) {
      say(form, form.dataset.unsupported);
      return;
    }
    button.disabled = true;
    fetchOptions(form)
      .then(function (options) { return navigator.credentials[form.dataset.passkey]({ publicKey: options }); })
      .then(function (credential) {
        form.querySelector("[name=credential]").value = writeCredential(credential);
        form.submit();
      })
      .catch(function (error) {
        button.disabled = false;
        say(form, wordsFor(form, error));
      });
  }

  document.addEventListener("submit", function (event) {
    var form = event.target.closest("form[data-passkey]");
    if (!form) return;
    event.preventDefault();
    begin(form);
  });
})();
