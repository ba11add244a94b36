ALTER TABLE "deliveries" DROP CONSTRAINT "deliveries_kind";--> statement-breakpoint
ALTER TABLE "subscribers" ADD COLUMN "leave_reason" text;--> statement-breakpoint
ALTER TABLE "subscribers" ADD COLUMN "erase_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "subscribers" ADD COLUMN "new_email" text;--> statement-breakpoint
ALTER TABLE "subscribers" ADD COLUMN "new_email_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "subscribers" ADD COLUMN "moved_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "subscribers_erase_at_index" ON "subscribers" USING btree ("erase_at") WHERE erase_at is not null;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_kind" CHECK (kind in ('confirm', 'already_subscribed', 'new_address', 'digest'));--> statement-breakpoint
ALTER TABLE "subscribers" ADD CONSTRAINT "subscribers_leave_reason" CHECK (leave_reason in ('too_many', 'not_for_me', 'found_other', 'other'));--> statement-breakpoint
ALTER TABLE "subscribers" ADD CONSTRAINT "subscribers_new_email" CHECK ((new_email is null) = (new_email_at is null));--> statement-breakpoint
ALTER TABLE "subscribers" ADD CONSTRAINT "subscribers_erase_at" CHECK (erase_at is null or status <> 'active');