// Shows the digest beside the form while it is filled in. Without it, the button "Preview" leads to a page that shows the same.

const form = document.querySelector('[data-previewed]');
const section = document.querySelector('[data-preview]');
const words = document.querySelector('[data-preview-words]');
/** Of quiet behind the last letter or tick, and where a large file goes along, which the server reads 20 times a minute at most. */
const PAUSE_MS = 300;
const LARGE_PAUSE_MS = 3000;
const LARGE_BYTES = 32 * 1024;
const FIELDS = ['topics', 'keywords', 'liked', 'bib'];

if (form && section && words) {
  let timer;
  let asked;

  const fieldOf = (name) => form.querySelector(`#${name}`);

  const showProblems = (errors) => {
    for (const name of FIELDS) {
      const field = fieldOf(name);
      const error = errors.find((each) => each.field === name);
      const id = `${name}-error`;
      const shown = document.getElementById(id);
      if (!error) {
        shown?.remove();
        field.removeAttribute('aria-invalid');
        field.removeAttribute('aria-describedby');
        continue;
      }
      const line = shown ?? Object.assign(document.createElement('p'), { id, className: 'problem' });
      line.textContent = error.message;
      if (!shown) (field.matches('fieldset') ? field.querySelector('legend') : field).after(line);
      field.closest('details')?.setAttribute('open', '');
      field.setAttribute('aria-invalid', 'true');
      field.setAttribute('aria-describedby', id);
    }
  };

  const showFailure = (sentence) => {
    const line = document.createElement('p');
    line.className = 'problem';
    line.textContent = sentence;
    section.querySelector(':scope > .problem')?.remove();
    section.prepend(line);
    section.hidden = false;
    words.textContent = sentence;
  };

  const update = async () => {
    clearTimeout(timer);
    asked?.abort();
    const mine = new AbortController();
    asked = mine;
    section.setAttribute('aria-busy', 'true');
    try {
      const response = await fetch('/preview', {
        method: 'POST',
        headers: { accept: 'application/json, text/html', 'x-part': 'preview' },
        body: new FormData(form),
        signal: mine.signal,
      });
      const body = await response.text();
      if (asked !== mine) return false;
      if (response.ok) {
        showProblems([]);
        // The server's own template, in which everything that papers bring along is escaped.
        section.innerHTML = body;
        section.hidden = false;
        words.textContent = words.dataset.sayPreview.replace('[title]', () => section.querySelector('h2').textContent);
        return true;
      }
      const { errors, error } = JSON.parse(body);
      if (errors) {
        showProblems(errors);
        words.textContent = errors.map(({ message }) => message).join(' ');
      } else showFailure(error.message);
    } catch {
      if (asked === mine) showFailure(words.dataset.sayLost);
    } finally {
      if (asked === mine) section.removeAttribute('aria-busy');
    }
    return false;
  };

  const later = (event) => {
    if (!FIELDS.includes(event.target.name)) return;
    clearTimeout(timer);
    const size = event.target.name === 'bib' ? 0 : (fieldOf('bib').files[0]?.size ?? 0);
    timer = setTimeout(update, size > LARGE_BYTES ? LARGE_PAUSE_MS : PAUSE_MS);
  };
  form.addEventListener('input', later);
  // A chip that is removed unticks its box by script, which is no input.
  form.addEventListener('change', later);

  // The preview stands where the papers do: their link brings them back.
  for (const link of document.querySelectorAll('a[href="/#papers"]')) {
    link.addEventListener('click', () => {
      if (location.pathname !== '/') return;
      clearTimeout(timer);
      asked?.abort();
      section.hidden = true;
    });
  }

  form.addEventListener('submit', async (event) => {
    if (event.submitter?.getAttribute('formaction') !== '/preview') return;
    event.preventDefault();
    if (await update()) {
      section.scrollIntoView({ block: 'start' });
      section.focus({ preventScroll: true });
    } else form.querySelector('[aria-invalid]')?.scrollIntoView({ block: 'center' });
  });
}
