/** Facts of the installation that every process shares. */
import { eq } from 'drizzle-orm';
import type { Sql } from './client.ts';
import { settings } from './schema.ts';

/** Returns the stored value, or stores what `make` gives; of two processes at once, both get the same. */
export async function getOrCreateSetting(db: Sql, key: string, make: () => string): Promise<string> {
  await db.insert(settings).values({ key, value: make() }).onConflictDoNothing();
  const [row] = await db.select({ value: settings.value }).from(settings).where(eq(settings.key, key));
  if (!row) throw new Error(`setting ${key} vanished`);
  return row.value;
}
