// Streamlit runs this as a module of its own; the rest is loaded from the same server.
/** @param {any} component */
export default async function (component) {
  const base = new URL(component.data.assets + "/", window.location.href);
  const part = component.data.sides ? "compare.js" : "player.js";
  const [{ mount }, { draw }] = await Promise.all([
    import(new URL(part, base).href),
    import(new URL(component.data.draw, window.location.href).href),
    // What those import, asked for together with them.
    ...["curve.js", "film.js", "parts.js", "track.js"].map((name) => import(new URL(name, base).href)),
  ]);
  return mount(component, draw);
}
