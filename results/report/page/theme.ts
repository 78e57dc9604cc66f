const themes = ['auto', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

/** The switch between the system's choice, light and dark; tells when colours change. */
export function letChooseTheme(button: HTMLButtonElement, changed: () => void): void {
  let theme: Theme = 'auto';
  const apply = (): void => {
    if (theme === 'auto') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    button.textContent = `Theme: ${theme}`;
    changed();
  };
  button.hidden = false;
  button.addEventListener('click', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'auto';
    apply();
  });
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
  // Paper is white: charts are painted again in light colours while the page is printed.
  window.addEventListener('beforeprint', () => {
    document.documentElement.dataset['print'] = 'yes';
    for (const details of document.querySelectorAll('details')) details.open = true;
    changed();
  });
  window.addEventListener('afterprint', () => {
    delete document.documentElement.dataset['print'];
    changed();
  });
}
