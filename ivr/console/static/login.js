// Log in, or change a password that somebody else gave. Knows only /api/session.

const WORDS = {
  en: {
    title: "Log in", change: "Choose your own password", lead: "Your password was given to you by somebody else.",
    name: "Name", password: "Password", fresh: "New password", again: "New password again",
    go: "Log in", save: "Save and go on", busy: "One moment …", other: "中文", theme: "Light or dark colours",
    wrong: "Name or password is wrong.", often: "Too many tries. Wait {seconds} s and try again.",
    unreachable: "The server cannot be reached. Check your connection and try again.",
    differ: "The two new passwords differ.", unfit: "This password will not do: {why}", failed: "Something went wrong on our side. Try again in a moment.",
    empty: "Please fill in every field.",
  },
  zh: {
    title: "登录", change: "设置您自己的密码", lead: "当前密码由他人设置,请先修改。",
    name: "用户名", password: "密码", fresh: "新密码", again: "再次输入新密码",
    go: "登录", save: "保存并继续", busy: "请稍候…", other: "English", theme: "浅色或深色外观",
    wrong: "用户名或密码错误。", often: "尝试次数过多,请在 {seconds} 秒后重试。",
    unreachable: "无法连接服务器,请检查网络后重试。",
    differ: "两次输入的新密码不一致。", unfit: "此密码不符合要求:{why}", failed: "系统出错,请稍后重试。",
    empty: "请填写所有字段。",
  },
};
const $ = (id) => document.getElementById(id);
const cookie = (name) => document.cookie.split("; ").find((one) => one.startsWith(`${name}=`))?.split("=")[1];
const keep = (name, value) => { document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`; };

let language = [cookie("ivr_language"), ...navigator.languages].map((tag) => tag?.slice(0, 2)).find((tag) => tag in WORDS) ?? "en";
let csrf = "";
let problem = null;

function write() {
  const say = WORDS[language];
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  document.title = say.title;
  $("title").textContent = csrf ? say.change : say.title;
  $("lead").textContent = say.lead;
  $("lead").hidden = !csrf;
  for (const id of ["name", "password", "fresh", "again"]) $(`${id}-field`).querySelector("span").textContent = say[id];
  $("name-field").hidden = Boolean(csrf);
  for (const id of ["fresh", "again"]) { $(`${id}-field`).hidden = !csrf; $(id).required = Boolean(csrf); }
  $("go").textContent = csrf ? say.save : say.go;
  $("language").textContent = say.other;
  $("theme").title = say.theme;
  $("theme").setAttribute("aria-label", say.theme);
  const told = problem ? say[problem.key].replace(/\{(\w+)\}/g, (_, name) => problem[name] ?? "") : "";
  if ($("problem").textContent !== told) $("problem").textContent = told;
}

function theme(name) {
  document.documentElement.dataset.theme = name;
  const isDark = name === "dark" || (name === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  $("theme").setAttribute("aria-pressed", String(isDark));
  return isDark;
}

// Only a path of this server: "//elsewhere" and "/\elsewhere" are not.
function goOn(me) {
  const wanted = new URLSearchParams(location.search).get("next") ?? "";
  const target = new URL(wanted || "/", location.origin);
  const may = (what) => me.permissions.includes(what);
  const office = may("live.watch") ? "/console" : may("flows.publish") ? "/console/trainer" : "/console/insight";
  const home = may("desk.use") && me.role === "agent" ? "/desk" : office;
  location.replace(wanted.startsWith("/") && target.origin === location.origin ? target.pathname + target.search : home);
}

async function ask(path, method, content) {
  let answer;
  try {
    const headers = { "Content-Type": "application/json", ...(csrf ? { "X-CSRF-Token": csrf } : {}) };
    answer = await fetch(path, { method, headers, cache: "no-store", body: content && JSON.stringify(content) });
  } catch { throw { key: "unreachable" }; }
  if (answer.ok) return answer.json();
  const { detail = "" } = await answer.json().catch(() => ({}));
  if (answer.status === 429) throw { key: "often", seconds: answer.headers.get("retry-after") ?? 30 };
  if (answer.status === 400) throw { key: "unfit", why: detail };
  throw { key: answer.status === 401 ? "wrong" : "failed" };
}

async function submit() {
  const fields = [...$("form").querySelectorAll("label:not([hidden]) input")];
  const missing = fields.find((field) => !field.value);
  if (missing) { missing.focus(); throw { key: "empty" }; }
  if (!csrf) {
    const me = await ask("/api/session", "POST", { name: $("name").value, password: $("password").value });
    return arrived(me);
  }
  if ($("fresh").value !== $("again").value) throw { key: "differ" };
  return arrived(await ask("/api/session/password", "POST", { old: $("password").value, new: $("fresh").value }));
}

function arrived(me) {
  if (!me.must_change) return goOn(me);
  csrf = me.csrf;
  write();
  ($("password").value ? $("fresh") : $("password")).focus();
}

$("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  problem = null;
  $("go").disabled = true;
  $("go").textContent = WORDS[language].busy;
  try { await submit(); } catch (found) {
    if (!found.key) throw found;
    problem = found;
    if (found.key === "wrong") { $("password").value = ""; $("password").focus(); }
  } finally {
    $("go").disabled = false;
    write();
  }
});
$("language").addEventListener("click", () => { language = language === "en" ? "zh" : "en"; keep("ivr_language", language); write(); });
$("theme").addEventListener("click", () => {
  const next = theme(document.documentElement.dataset.theme) ? "light" : "dark";
  keep("ivr_theme", next);
  theme(next);
});
theme(cookie("ivr_theme") ?? "auto");
write();
$("name").focus();
// Sent here in the middle of a session whose password must be changed first.
if (new URLSearchParams(location.search).has("change")) {
  const here = await fetch("/api/session", { cache: "no-store" }).catch(() => null);
  if (here?.ok) arrived(await here.json());
}
document.body.dataset.ready = "yes";
