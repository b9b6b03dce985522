/* Goes on as soon as every app's frame has loaded, or has failed to: the window's own
   load event waits for them.  One that never answers is waited for so long and no longer.
   Without scripts the page goes on by itself when all have loaded, and there is a link.
   A classic script in the words of 2015, for the sake of old engines. */
(function () {
  "use strict";

  var LONGEST = 4000;
  var next = document.getElementById("signed-out-next");
  if (!next) { return; }

  function go() { window.location.replace(next.href); }
  window.addEventListener("load", go);
  setTimeout(go, LONGEST);
})();
