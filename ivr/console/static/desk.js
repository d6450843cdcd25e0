// The desk's sound: ringing, and the call itself over WebRTC. The page (NiceGUI) says when; what happens to the call's
// sound is told to the server as the event "desk_audio".

import { Call } from "/phone/call.js";
import { WORDS } from "/phone/words.js";

const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
const title = document.title;
let call = null;
let context = null;
let ringing = null;

const sound = Object.assign(document.createElement("audio"), { autoplay: true, id: "desk-sound" });
document.body.append(sound);

function wake() {
  context ??= new AudioContext();
  if (context.state === "suspended") context.resume();
  return context;
}
for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, wake, { once: true });

// Two short notes, softly: 440 and 554 Hz.
function bell() {
  const at = wake().currentTime;
  for (const [frequency, start] of [[440, 0], [554, 0.18]]) {
    const tone = new OscillatorNode(context, { frequency });
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, at + start);
    gain.gain.linearRampToValueAtTime(0.12, at + start + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.001, at + start + 0.5);
    tone.connect(gain).connect(context.destination);
    tone.start(at + start);
    tone.stop(at + start + 0.55);
  }
}

function tell(state, code = null) {
  const [what, remedy] = code ? WORDS[language].problem[code] ?? WORDS[language].problem.server : ["", ""];
  emitEvent("desk_audio", { state, problem: code ?? "", what, remedy });
}

window.desk = {
  ring(text) {
    this.quiet();
    let isOn = false;
    const once = () => { isOn = !isOn; document.title = isOn ? `☎ ${text}` : title; if (isOn) bell(); };
    once();
    ringing = setInterval(once, 1000);
  },
  quiet() {
    clearInterval(ringing);
    ringing = null;
    document.title = title;
  },
  answer(token) {
    this.quiet();
    wake();
    call?.end(null);
    const mine = (call = new Call({ token, on: {
      state: (name) => tell(name),
      caption: () => {},
      delay: () => {},
      sound: (stream) => { sound.srcObject = stream; sound.play().catch(() => {}); },
      ended: (code) => { if (call === mine) call = null; tell("ended", code); },
    } }));
    call.start();
  },
  mute(isMuted) { call?.mute(isMuted); },
  figures: () => call?.figures(),
};
// Alt and a letter press the button that has it: accept, decline, mute, hold, transfer, hang up. Only what is shown.
addEventListener("keydown", (event) => {
  if (!event.altKey || event.ctrlKey || event.metaKey || event.repeat) return;
  const letter = event.code.replace(/^Key/, "");
  const shown = [...document.querySelectorAll("[data-key]")].find((one) => one.dataset.key === letter && one.offsetParent);
  if (!shown || shown.disabled) return;
  event.preventDefault();
  shown.click();
});

// Whoever is rung answers with Enter: the focus goes to "accept", but not out of something they type in.
new MutationObserver(() => {
  const accept = document.querySelector("[data-act='accept']:not([data-seen])");
  if (!accept) return;
  accept.dataset.seen = "";
  if (!document.activeElement?.matches("input, textarea")) accept.focus();
}).observe(document.body, { childList: true, subtree: true });

// Closing the page in the middle of a call sends the caller back to the queue: ask first.
addEventListener("beforeunload", (event) => { if (call) event.preventDefault(); });
document.body.dataset.desk = "ready";
