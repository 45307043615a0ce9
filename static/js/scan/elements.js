// The page's elements by their ids.

/**
 * @template {Element} Kind
 * @param {string} id
 * @param {{new (): Kind}} kind
 * @returns {Kind}
 */
export function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return found;
}

/**
 * @param {string} id
 * @param {boolean} shown
 */
export function show(id, shown) {
  document.getElementById(id)?.toggleAttribute("hidden", !shown);
}
