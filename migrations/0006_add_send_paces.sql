CREATE TABLE "send_paces" (
	"key" text PRIMARY KEY NOT NULL,
	"interval_ms" integer NOT NULL,
	"next_at" timestamp with time zone NOT NULL,
	"changed_at" timestamp with time zone NOT NULL
);
