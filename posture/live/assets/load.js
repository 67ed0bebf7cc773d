// Streamlit runs this as a module of its own; the rest is loaded from the same server.
/** @param {any} component */
export default async function (component) {
  const base = new URL(component.data.assets + "/", window.location.href);
  const { mount } = await import(new URL("live.js", base).href);
  return mount(component);
}
