ALTER TABLE "source_states" ADD COLUMN "runs" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "source_states" ADD COLUMN "lease_until" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "deliveries_finished_at_status_index" ON "deliveries" USING btree ("finished_at","status") WHERE finished_at is not null;