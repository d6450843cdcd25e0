// The page: what is shown and pressed. The call itself is in call.js, the captions in captions.js.

import { Call, CallProblem, ask } from "/phone/call.js";
import { Captions } from "/phone/captions.js";
import { keyTone, levelOf, wake } from "/phone/sound.js";
import { WORDS, filled, keep, kept, preferredLanguage } from "/phone/words.js";

const DIGITS = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "0", "#"];
const LETTERS = { 2: "ABC", 3: "DEF", 4: "GHI", 5: "JKL", 6: "MNO", 7: "PQRS", 8: "TUV", 9: "WXYZ" };
const BARS = 24;
const SILENT_MS = 8000; // a live microphone is never this quiet
const SILENT_LEVEL = 0.02;
const FACES = { queued: "#i-person", with_agent: "#i-person", held: "#i-phone" };

const $ = (id) => document.getElementById(id);
const query = new URLSearchParams(location.search);
const token = new URLSearchParams(location.hash.slice(1)).get("token") ?? "";
const captions = new Captions($("captions"), $("log"), $("unfinished"), $("empty"), $("newest"));

let language = preferredLanguage();
let numbers = [];
let call = null;
let state = "idle";
let problem = null;
let since = 0;
let isMuted = false;
let levels = {};
let typed = "";

const say = (name) => WORDS[language][name];
const chosen = () => numbers.find((one) => one.number === document.querySelector("#numbers input:checked")?.value) ?? numbers[0];
const nameOf = (one) => one?.name[language] ?? Object.values(one?.name ?? {})[0] ?? "";

function write() {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  for (const each of document.querySelectorAll("[data-say]")) each.textContent = say(each.dataset.say);
  for (const each of document.querySelectorAll("[data-label]")) each.setAttribute("aria-label", say(each.dataset.label));
  $("theme").title = say("theme");
  $("language").textContent = say("other");
  $("language").lang = language === "zh" ? "en" : "zh";
  for (const key of document.querySelectorAll("#keys button")) {
    const digit = { "*": say("star"), "#": say("hash") }[key.dataset.digit] ?? key.dataset.digit;
    key.setAttribute("aria-label", /\d/.test(digit) ? filled(say("key"), { digit }) : digit);
  }
  captions.rename({ bot: say("bot"), caller: say("caller"), agent: say("agent") });
  writeNumbers();
  show();
}

function writeNumbers() {
  const before = document.querySelector("#numbers input:checked")?.value ?? query.get("number") ?? numbers[0]?.number;
  $("numbers").replaceChildren(...numbers.map((one) => {
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "radio", name: "number", value: one.number });
    input.checked = one.number === before;
    input.addEventListener("change", show);
    const name = element("span", nameOf(one));
    label.append(input, name);
    name.append(element("small", one.number));
    return label;
  }));
}

function writeTopics() {
  const topics = chosen()?.topics[language] ?? [];
  $("topics").replaceChildren(...topics.map((text) => element("li", text)));
  $("topics-title").hidden = !topics.length;
}

function show() {
  const isLive = call !== null;
  const isTalking = isLive && since > 0;
  document.body.dataset.state = state;
  document.title = nameOf(chosen()) ? filled(say("title"), { name: nameOf(chosen()) }) : say("brand");
  $("called").textContent = nameOf(chosen()) || say("brand");
  $("state").textContent = say("state")[state];
  $("face").setAttribute("href", isTalking ? FACES[state] ?? "#i-bot" : "#i-phone");
  $("timer").hidden = !since;
  $("choice").hidden = isLive || numbers.length < 2;
  $("microphone").hidden = !isTalking;
  $("call").hidden = isLive;
  $("call").disabled = !token && !numbers.length;
  $("call").querySelector("span").textContent = say(state === "ended" || problem ? "again" : "call");
  $("hangup").hidden = !isLive;
  for (const id of ["mute", "open-keys"]) $(id).hidden = !isTalking;
  if (!isTalking) openKeys(false);
  $("mute").setAttribute("aria-pressed", String(isMuted));
  $("mute").querySelector("span").textContent = say(isMuted ? "unmute" : "mute");
  $("mic").setAttribute("href", isMuted ? "#i-mic-off" : "#i-mic");
  const [what, remedy] = problem ? say("problem")[problem] : ["", ""];
  if ($("problem").dataset.shown !== `${problem} ${language}`) {
    $("problem").replaceChildren(...(problem ? [element("strong", what), element("p", remedy)] : []));
    $("problem").dataset.shown = `${problem} ${language}`;
  }
  writeTopics();
}

function element(tag, textContent) {
  return Object.assign(document.createElement(tag), { textContent });
}

function place() {
  wake();
  captions.clear();
  since = 0;
  typed = "";
  isMuted = false;
  problem = null;
  $("typed").textContent = "\u00a0";
  document.body.dataset.delay = "";
  const processing = query.get("processing") !== "off";
  call = new Call({ number: chosen()?.number, token, codec: query.get("codec") ?? "", processing, on: {
    state: changed, sound: heard, caption: (message) => captions.take(message), delay: delayed, ended,
  } });
  state = "microphone";
  show();
  $("hangup").focus();
  call.start();
}

function changed(name) {
  state = name;
  if (!since && ["active", "held", "queued", "with_agent"].includes(name)) {
    since = performance.now();
    levels.own = levelOf(call.stream);
    levels.silentSince = since;
    tick();
    draw();
  }
  show();
}

function heard(stream) {
  $("sound").srcObject = stream;
  $("sound").play().catch(() => {
    $("hint").textContent = say("tap");
    document.addEventListener("pointerdown", () => $("sound").play(), { once: true });
    document.addEventListener("keydown", () => $("sound").play(), { once: true });
  });
  levels.far = levelOf(stream);
}

function ended(code) {
  const hadFocus = [$("hangup"), $("mute"), $("open-keys")].includes(document.activeElement) || document.activeElement?.closest("#keypad");
  levels.own?.stop();
  levels.far?.stop();
  levels = {};
  tick();
  call = null;
  state = code && !since ? "idle" : "ended";
  problem = code;
  captions.settle();
  show();
  if (hadFocus || document.activeElement === document.body) $("call").focus();
}

function delayed(ms) {
  document.body.dataset.delay = ms < 200 ? "good" : ms < 500 ? "fair" : "poor";
}

function tick() {
  if (!call || !since) return;
  const seconds = Math.floor((performance.now() - since) / 1000);
  $("timer").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  setTimeout(tick, 1000 - ((performance.now() - since) % 1000));
}

function draw() {
  if (!call || !levels.own) return;
  const own = isMuted ? 0 : levels.own();
  [...$("meter").children].forEach((bar, n) => bar.classList.toggle("on", own * BARS > n));
  $("ring").style.setProperty("--loud", levels.far ? levels.far().toFixed(2) : "0");
  const now = performance.now();
  if (own > SILENT_LEVEL || isMuted) levels.silentSince = now;
  const hint = isMuted ? say("muted") : now - levels.silentSince > SILENT_MS ? say("silent") : "";
  if (hint !== $("hint").textContent) $("hint").textContent = hint;
  requestAnimationFrame(draw);
}

function mute() {
  isMuted = !isMuted;
  call?.mute(isMuted);
  show();
}

// Keys may be a card's digits: only the last one stays readable.
function press(digit) {
  if (!call || !since) return;
  call.press(digit);
  keyTone(digit);
  typed = "•".repeat(typed.length) + digit;
  $("typed").textContent = typed.slice(-16);
  const key = document.querySelector(`#keys [data-digit="${digit}"]`);
  key.classList.add("down");
  setTimeout(() => key.classList.remove("down"), 150);
}

function openKeys(isOpen) {
  $("keypad").hidden = !isOpen;
  document.body.dataset.keys = isOpen ? "open" : "";
  $("open-keys").setAttribute("aria-expanded", String(isOpen));
}

function theme(name) {
  document.documentElement.dataset.theme = name;
  const isDark = name === "dark" || (name === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  $("theme").setAttribute("aria-pressed", String(isDark));
  return isDark;
}

function build() {
  $("meter").append(...Array.from({ length: BARS }, () => document.createElement("i")));
  $("keys").append(...DIGITS.map((digit) => {
    const key = Object.assign(document.createElement("button"), { type: "button" });
    key.dataset.digit = digit;
    key.append(element("b", digit), element("small", LETTERS[digit] ?? "\u00a0"));
    key.addEventListener("click", () => press(digit));
    return key;
  }));
  $("call").addEventListener("click", place);
  $("hangup").addEventListener("click", () => call?.hangUp());
  $("mute").addEventListener("click", mute);
  $("open-keys").addEventListener("click", () => openKeys($("keypad").hidden));
  $("language").addEventListener("click", () => {
    language = language === "en" ? "zh" : "en";
    keep("language", language);
    write();
  });
  $("theme").addEventListener("click", () => {
    const next = theme(document.documentElement.dataset.theme) ? "light" : "dark";
    keep("theme", next);
    theme(next);
  });
  document.addEventListener("keydown", (event) => {
    const isOurs = !event.ctrlKey && !event.metaKey && !event.altKey && !event.target.closest("input, select, textarea");
    if (isOurs && !event.repeat && DIGITS.includes(event.key)) press(event.key);
    if (event.key === "Escape" && !$("keypad").hidden) { openKeys(false); $("open-keys").focus(); }
  });
  addEventListener("pagehide", () => call?.hangUp());
  theme(kept("theme") ?? "auto");
}

build();
write();
try {
  const offered = await ask("/phone/numbers");
  // Whoever comes with a ticket calls whom it is for.
  if (offered.is_open && !token) numbers = offered.numbers;
  if (!offered.is_open && !token) problem = "closed";
  else if (!numbers.length && !token) problem = "no_numbers";
} catch (error) {
  problem = error instanceof CallProblem ? error.code : "server";
}
write();
document.body.dataset.ready = "yes";
window.phone = { figures: () => call?.figures() };
