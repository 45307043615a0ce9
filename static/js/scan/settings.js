// What people chose here, kept by their browser where it keeps anything.

/**
 * @param {string} name
 * @returns {{get(): string, set(value: string): void}} "" when nothing was chosen
 */
export function setting(name) {
  const key = `scan.${name}`;
  return {
    get() {
      try {
        return localStorage.getItem(key) ?? "";
      } catch {
        return "";
      }
    },
    set(value) {
      try {
        localStorage.setItem(key, value);
      } catch {
        // it holds until the page is left
      }
    },
  };
}
