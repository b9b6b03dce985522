/* Lets a worker solve the puzzle of a form while it is filled in, and holds the form
   back until that is done. Whoever cannot wait has the link below it. */
(function () {
  "use strict";
  var form = document.querySelector("[data-work]");
  var field = form.elements.work;
  var note = form.querySelector("[data-working]");
  var words = form.querySelector("[data-words]").content.textContent;
  var waits = false;
  var failed = false;

  function go() {
    note.textContent = "";
    if (waits) { form.submit(); }
  }

  form.addEventListener("submit", function (event) {
    if (field.value || failed) { return; }
    event.preventDefault();
    waits = true;
    note.textContent = words;
  });

  try {
    var worker = new Worker(form.getAttribute("data-worker"));
    worker.onmessage = function (event) { field.value = event.data; go(); };
    worker.onerror = function () { failed = true; go(); };
    worker.postMessage(form.getAttribute("data-work"));
  } catch (error) { failed = true; }
}());
