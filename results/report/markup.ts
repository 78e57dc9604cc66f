/** Text as it stands in HTML, also between quotes. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Prose as it stands in HTML: a number stays on one line with its thousands and its unit. */
export function prose(text: string): string {
  return escaped(text)
    .replaceAll(/(\d) (?=\d{3}\b)/g, '$1\u202f')
    .replaceAll(/(\d) (?=([mµ]?s|[kMG]?B|MiB)\b)/g, '$1\u00a0');
}

/** An element; attributes are escaped, children are markup. */
export function element(
  name: string,
  attributes: Readonly<Record<string, string | number>>,
  children: readonly string[],
): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(String(value))}"`);
  return `<${name}${written.join('')}>${children.join('')}</${name}>`;
}

/** A table: head cells, and rows of which the first cell is a head too. Cells are markup. */
export function table(
  className: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const cell = (name: 'th' | 'td', scope: string, text: string): string =>
    element(name, name === 'th' ? { scope } : {}, [text]);
  const top = element('thead', {}, [
    element(
      'tr',
      {},
      head.map((text) => cell('th', 'col', text)),
    ),
  ]);
  const body = rows.map(([first = '', ...rest]) =>
    element('tr', {}, [cell('th', 'row', first), ...rest.map((text) => cell('td', '', text))]),
  );
  return element('div', { class: 'scroll' }, [
    element('table', { class: className }, [top, element('tbody', {}, body)]),
  ]);
}
