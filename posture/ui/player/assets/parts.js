// What the components have in common: their parts by name, their words and their colours.

/** The parts of a component by their names. @param {ParentNode} root @returns {Record<string, any>} */
export function parts(root) {
  const found = {};
  for (const element of root.querySelectorAll("[data-part]")) found[element.dataset.part] = element;
  found.screen = root.querySelector(".screen");
  return found;
}

/** @param {any} data @param {string} key @returns {string} */
export function say(data, key) {
  return data?.texts?.[key] ?? "";
}

/** Put words and colours in. @param {ParentNode} root @param {any} data */
export function suit(root, data) {
  for (const element of root.querySelectorAll("[data-text]")) {
    element.textContent = say(data, element.dataset.text);
  }
  for (const element of root.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", say(data, element.dataset.label));
    if (element.tagName === "BUTTON") element.title = say(data, element.dataset.label);
  }
  const place = root.querySelector("section");
  for (const [name, colour] of Object.entries(data.palette)) place.style.setProperty(`--${name}`, colour);
}
