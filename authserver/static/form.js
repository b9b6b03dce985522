/* What a form gains when scripts run: show the password, say that the form is on
   its way, copy codes, print.  Every page works without it.  A classic script in
   the words of 2015, for the sake of old engines. */
(function () {
  "use strict";

  function each(selector, act) {
    var found = document.querySelectorAll(selector);
    for (var i = 0; i < found.length; i += 1) { act(found[i]); }
  }

  /* A failed form: bring the reader to the summary of what went wrong. */
  var summary = document.getElementById("error-summary");
  if (summary) { summary.focus(); }

  /* Show and hide a password; the button is hidden until this line runs. */
  each("[data-reveal]", function (button) {
    var input = document.getElementById(button.getAttribute("data-reveal"));
    function say(shown) {
      input.type = shown ? "text" : "password";
      var word = shown ? "data-hide" : "data-show";
      button.setAttribute("aria-label", button.getAttribute(word + "-label"));
      button.firstChild.nodeValue = button.getAttribute(word);
    }
    button.hidden = false;
    button.parentNode.className += " on";
    button.addEventListener("click", function () { say(input.type === "password"); });
    if (input.form) { input.form.addEventListener("submit", function () { say(false); }); }
  });

  /* Caps Lock is the commonest reason that a right password is wrong. */
  each("[data-caps]", function (note) {
    var input = document.getElementById(note.getAttribute("data-caps"));
    function look(event) {
      if (event.getModifierState) { note.hidden = !event.getModifierState("CapsLock"); }
    }
    input.addEventListener("keydown", look);
    input.addEventListener("keyup", look);
    input.addEventListener("blur", function () { note.hidden = true; });
  });

  /* One submit: a second click while the first is on its way does nothing. The
     button is not disabled, so that its name and value are sent. */
  each("form", function (form) {
    form.addEventListener("submit", function (event) {
      if (form.getAttribute("data-sent")) { event.preventDefault(); return; }
      form.setAttribute("data-sent", "yes");
      var button = event.submitter || form.querySelector("button[type=submit]");
      if (button) { button.setAttribute("aria-busy", "true"); }
    });
  });
  /* The back button may bring this very page back: let it be sent again. */
  window.addEventListener("pageshow", function () {
    each("form[data-sent]", function (form) { form.removeAttribute("data-sent"); });
    each("[aria-busy]", function (button) { button.removeAttribute("aria-busy"); });
  });

  /* Copy the text of another element, and say so in the button itself. */
  each("[data-copy]", function (button) {
    if (!navigator.clipboard) { return; }
    button.hidden = false;
    button.addEventListener("click", function () {
      var source = document.getElementById(button.getAttribute("data-copy"));
      var text = source.getAttribute("data-text") || source.innerText;
      navigator.clipboard.writeText(text.replace(/^\s+|\s+$/g, "")).then(function () {
        button.lastChild.nodeValue = button.getAttribute("data-copied");
      });
    });
  });
  each("[data-print]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { window.print(); });
  });

  /* Ask the server now and then whether the letter has been answered; the same
     question can be asked by the button beside it. */
  each("[data-poll]", function (place) {
    function ask() {
      var request = new XMLHttpRequest();
      request.open("GET", place.getAttribute("data-poll"));
      request.setRequestHeader("Accept", "application/json");
      request.onload = function () {
        var answer = {};
        try { answer = JSON.parse(request.responseText); } catch (error) { return; }
        if (answer.location) { window.location.assign(answer.location); }
        else if (request.status === 200) { window.setTimeout(ask, 3000); }
      };
      request.send();
    }
    window.setTimeout(ask, 3000);
  });

  /* A countdown that ends by making its button usable again. The server decides;
     this only saves a person from asking too early. */
  each("[data-wait]", function (note) {
    var left = parseInt(note.getAttribute("data-wait"), 10);
    var number = note.querySelector("[data-left]");
    var timer = window.setInterval(function () {
      left -= 1;
      if (left > 0) { number.firstChild.nodeValue = String(left); return; }
      window.clearInterval(timer);
      note.hidden = true;
    }, 1000);
  });
}());
