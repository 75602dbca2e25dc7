// What the interface says, in the reader's language. What it says in English is its own key in the others.

const started = performance.now();
const $ = (id) => document.getElementById(id);
const source = $("data");
const data = JSON.parse(source.textContent);
source.remove();

const TONGUES = { en: "English", ar: "العربية" };
const kept = (key) => {
  try {
    return localStorage.getItem(key);
  } catch {
    return null; // a private window
  }
};
const tongue =
  [kept("muwazi language"), ...navigator.languages.map((code) => code.split("-")[0])].find((code) => TONGUES[code]) ??
  "en";
const locale = tongue === "ar" ? "ar-u-nu-latn" : tongue;
document.documentElement.lang = tongue;
document.documentElement.dir = tongue === "ar" ? "rtl" : "ltr";

const known = data.words[tongue] ?? {};
const t = (text, values = {}) => (known[text] ?? text).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
/** The same with elements in the places of the names, as a list of what to append. */
const parts = (text, values) =>
  (known[text] ?? text).split(/(\{\w+\})/).map((part) => (/^\{\w+\}$/.test(part) ? values[part.slice(1, -1)] : part));
const plural = new Intl.PluralRules(tongue);
const number = (n) => n.toLocaleString(locale);
const count = (n, noun) => {
  const forms = known[`#${noun}`];
  if (!forms) return `${number(n)} ${noun}${n === 1 ? "" : "s"}`;
  return (forms[plural.select(n)] ?? forms.other).replace("{n}", number(n));
};

/** Puts the frame's own words into the reader's language. */
function translateFrame() {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.nodeType === Node.TEXT_NODE) {
      const text = node.data.trim();
      if (known[text]) node.data = node.data.replace(text, known[text]);
    } else {
      for (const name of ["aria-label", "title", "placeholder"]) {
        const text = node.getAttribute(name);
        if (known[text]) node.setAttribute(name, known[text]);
      }
    }
  }
}
translateFrame();

/** An element with properties (class, text, attributes, `on...` listeners) and children; text is only ever text. */
function el(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (key === "class") node.className = value;
    else if (key === "text") node.textContent = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}
