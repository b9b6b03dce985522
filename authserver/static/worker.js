/* Solves a puzzle: numbers whose SHA-256 begins with so many zero bits (FIPS 180-4).
   In one block and by our own hand: the browser's own digest answers one at a time. */
"use strict";
var K = new Int32Array(64);
var START = new Int32Array(8);

(function () {
  /* The first bits of the roots of the first primes (§4.2.2, §5.3.3). */
  var found = 0;
  for (var n = 2; found < 64; n += 1) {
    var prime = true;
    for (var d = 2; d * d <= n; d += 1) { if (n % d === 0) { prime = false; break; } }
    if (!prime) { continue; }
    K[found] = (Math.pow(n, 1 / 3) % 1) * 4294967296;
    if (found < 8) { START[found] = (Math.pow(n, 1 / 2) % 1) * 4294967296; }
    found += 1;
  }
}());

var W = new Int32Array(64);
var H = new Int32Array(8);

function turn(x, by) { return (x >>> by) | (x << (32 - by)); }

function compress() {
  var t, s, x, one, two;
  for (t = 16; t < 64; t += 1) {
    x = W[t - 15];
    s = turn(x, 7) ^ turn(x, 18) ^ (x >>> 3);
    x = W[t - 2];
    W[t] = (W[t - 16] + s + W[t - 7] + (turn(x, 17) ^ turn(x, 19) ^ (x >>> 10))) | 0;
  }
  var a = H[0], b = H[1], c = H[2], d = H[3], e = H[4], f = H[5], g = H[6], h = H[7];
  for (t = 0; t < 64; t += 1) {
    one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[t] + W[t]) | 0;
    two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  H[0] = (H[0] + a) | 0; H[1] = (H[1] + b) | 0; H[2] = (H[2] + c) | 0; H[3] = (H[3] + d) | 0;
  H[4] = (H[4] + e) | 0; H[5] = (H[5] + f) | 0; H[6] = (H[6] + g) | 0; H[7] = (H[7] + h) | 0;
}

/* Leaves the hash of ASCII text in H. */
function hash(text) {
  H.set(START);
  var size = text.length, blocks = ((size + 8) >> 6) + 1;
  for (var block = 0; block < blocks; block += 1) {
    for (var t = 0; t < 16; t += 1) {
      var word = 0;
      for (var i = 0; i < 4; i += 1) {
        var at = block * 64 + t * 4 + i;
        word = (word << 8) | (at < size ? text.charCodeAt(at) : at === size ? 128 : 0);
      }
      W[t] = word;
    }
    if (block === blocks - 1) { W[15] = size * 8; }
    compress();
  }
}

function hex(count) {
  var text = "";
  for (var i = 0; text.length < count; i += 1) {
    text += ("0000000" + (H[i] >>> 0).toString(16)).slice(-8);
  }
  return text.slice(0, count);
}

self.onmessage = function (event) {
  var puzzle = event.data, bits = parseInt(puzzle, 10), numbers = [];
  hash(puzzle);
  var seed = hex(32);
  for (var part = 0; part < 8; part += 1) {
    var number = -1;
    do {
      number += 1;
      hash(seed + part + ":" + number);
    } while (H[0] >>> (32 - bits) !== 0);
    numbers.push(number);
  }
  self.postMessage(puzzle + ":" + numbers.join(","));
};
