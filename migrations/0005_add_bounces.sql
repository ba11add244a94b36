CREATE TABLE "bounces" (
	"delivery_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"status" text,
	"reason" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "bounces_delivery_id_kind_pk" PRIMARY KEY("delivery_id","kind"),
	CONSTRAINT "bounces_kind" CHECK (kind in ('hard', 'soft', 'complaint'))
);
--> statement-breakpoint
ALTER TABLE "bounces" ADD CONSTRAINT "bounces_delivery_id_deliveries_id_fk" FOREIGN KEY ("delivery_id") REFERENCES "public"."deliveries"("id") ON DELETE cascade ON UPDATE no action;