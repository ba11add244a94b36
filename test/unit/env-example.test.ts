/** What an operator reads about the settings is what the schema takes: .env.example and the README's table. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config.ts';
import { envSchema } from '../../src/env-schema.ts';
import { projectRoot } from '../../src/project-root.ts';

const read = (name: string) => readFileSync(join(projectRoot, name), 'utf8');
const names = Object.keys(envSchema.shape).sort();

/** Name and value of each line `# NAME=value`, without the quotes that a shell needs. */
const examples = Object.fromEntries(
  [...read('.env.example').matchAll(/^# ?([A-Z_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [
    name,
    value.replace(/^"(.*)"$/, '$1'),
  ]),
);

it('lists every variable in .env.example, and no other', () => {
  expect(Object.keys(examples).sort()).toEqual(names);
});

it('has all of .env.example commented out, so that a copy changes nothing', () => {
  expect(
    read('.env.example')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#')),
  ).toEqual([]);
});

it('shows the default of every variable that has one, and examples that are accepted', () => {
  const defaults = Object.entries(envSchema.parse({})).filter(([, value]) => value !== undefined);
  expect(defaults.length).toBeGreaterThan(8);
  for (const [name, value] of defaults) expect(`${name}=${examples[name]}`).toBe(`${name}=${value}`);
  // The key's file is not there.
  expect(() => loadConfig({ ...examples, DKIM_PRIVATE_KEY: '' })).not.toThrow();
});

it('lists every variable in the table of the README, and no other', () => {
  expect([...read('README.md').matchAll(/^\| `([A-Z_]+)` +\|/gm)].map(([, name]) => name).sort()).toEqual(
    names,
  );
});

it('passes every variable on to the containers', () => {
  const passed = [...read('docker-compose.yml').matchAll(/^ {4}([A-Z_]+): /gm)].map(([, name]) => name);
  // The image sets the folder of its volume.
  expect([...passed, 'DATA_DIR'].sort()).toEqual(names);
});
