ALTER TABLE "paper_observations" ADD COLUMN "citations" integer;--> statement-breakpoint
ALTER TABLE "papers" ADD COLUMN "venue" text;--> statement-breakpoint
ALTER TABLE "papers" ADD COLUMN "open_access_url" text;--> statement-breakpoint
ALTER TABLE "papers" ADD COLUMN "fields_of_study" text[] DEFAULT '{}' NOT NULL;