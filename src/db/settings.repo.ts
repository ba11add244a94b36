/** Facts of the installation that every process shares. */
import { eq, lte } from 'drizzle-orm';
import type { Sql } from './client.ts';
import { settings } from './schema.ts';

/** Returns the stored value, or stores what `make` gives; of two processes at once, both get the same. */
export async function getOrCreateSetting(db: Sql, key: string, make: () => string): Promise<string> {
  await db.insert(settings).values({ key, value: make() }).onConflictDoNothing();
  const [row] = await db.select({ value: settings.value }).from(settings).where(eq(settings.key, key));
  if (!row) throw new Error(`setting ${key} vanished`);
  return row.value;
}

export async function findSetting(db: Sql, key: string): Promise<string | null> {
  const [row] = await db.select({ value: settings.value }).from(settings).where(eq(settings.key, key));
  return row?.value ?? null;
}

/** False where there is one already, which then stays: of two processes at once, one is told so. */
export async function insertSetting(db: Sql, key: string, value: string): Promise<boolean> {
  const inserted = await db.insert(settings).values({ key, value }).onConflictDoNothing().returning();
  return inserted.length > 0;
}

export async function upsertSetting(db: Sql, key: string, value: string): Promise<void> {
  await db
    .insert(settings)
    .values({ key, value })
    .onConflictDoUpdate({ target: settings.key, set: { value } });
}

/** False where there was none. */
export async function deleteSetting(db: Sql, key: string): Promise<boolean> {
  const deleted = await db.delete(settings).where(eq(settings.key, key)).returning();
  return deleted.length > 0;
}

/**
 * Stores `now` where what is stored is older than `ageMs`, or nothing is. Of several processes at once, one gets true.
 */
export async function takeTurn(db: Sql, key: string, now: Date, ageMs: number): Promise<boolean> {
  const value = now.toISOString();
  const taken = await db
    .insert(settings)
    .values({ key, value })
    .onConflictDoUpdate({
      target: settings.key,
      set: { value },
      // Times in ISO 8601 sort as text.
      setWhere: lte(settings.value, new Date(now.getTime() - ageMs).toISOString()),
    })
    .returning();
  return taken.length > 0;
}
