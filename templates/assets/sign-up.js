// What the sign-up form gains from a script: help with a mistyped address, and a bibliography dropped anywhere on it.

const email = document.querySelector('[data-slips]');
const hint = document.querySelector('[data-hint]');

if (email && hint) {
  // The same rules as in src/mail/address-hint.ts, by the same lists.
  const { domains, ends } = JSON.parse(email.dataset.slips);
  const endOf = new Map(Object.entries(ends));

  const isOneSlip = (typed, meant) => {
    let at = 0;
    while (at < typed.length && typed[at] === meant[at]) at += 1;
    const [a, b] = [typed.slice(at), meant.slice(at)];
    const swapped = a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2);
    return at > 0 && (a.slice(1) === b.slice(1) || a.slice(1) === b || a === b.slice(1) || swapped);
  };

  const suggest = (typed) => {
    const dot = typed.lastIndexOf('.') + 1;
    const ended = typed.slice(0, dot) + (endOf.get(typed.slice(dot)) ?? typed.slice(dot));
    return domains.find((domain) => isOneSlip(ended, domain)) ?? ended;
  };

  const usual = hint.textContent;
  const span = (text) => Object.assign(document.createElement('span'), { textContent: text });

  // On leaving the field, not while typing. The line is there before, so that nothing moves under a click.
  email.addEventListener('change', () => {
    const address = email.value.trim();
    const at = address.lastIndexOf('@') + 1;
    const typed = address.slice(at).toLowerCase();
    const domain = at > 1 ? suggest(typed) : typed;
    if (domain === typed) {
      hint.textContent = usual;
      return;
    }
    const take = document.createElement('button');
    take.type = 'button';
    // The first part gives way where the line is short.
    take.append(span(address.slice(0, at - 1)), span(`@${domain}`));
    take.addEventListener('click', () => {
      email.value = address.slice(0, at) + domain;
      hint.textContent = usual;
      email.focus();
    });
    const [before, after] = hint.dataset.sayMeant.split('[address]');
    hint.replaceChildren(before, take, after);
  });
}

const target = document.querySelector('[data-drop]');
const file = target?.querySelector('[type=file]');

if (file) {
  const offer = target.querySelector('[data-drop-hint]');
  const again = target.querySelector('[data-bib-again]');
  const hasFile = (event) => event.dataTransfer?.types.includes('Files');
  const show = (on) => target.toggleAttribute('data-dropping', on);

  offer.hidden = false;
  target.addEventListener('dragover', (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    show(true);
  });
  target.addEventListener('dragleave', (event) => {
    if (!target.contains(event.relatedTarget)) show(false);
  });
  target.addEventListener('drop', (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    show(false);
    const one = new DataTransfer();
    one.items.add(event.dataTransfer.files[0]);
    file.files = one.files;
    file.closest('details').open = true;
    file.dispatchEvent(new Event('change', { bubbles: true }));
  });
  file.addEventListener('change', () => {
    if (again) again.hidden = file.files.length > 0;
  });
}
