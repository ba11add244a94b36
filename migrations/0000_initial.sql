CREATE TABLE "consents" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "consents_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"subscriber_id" bigint NOT NULL,
	"action" text NOT NULL,
	"via" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "deliveries" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "deliveries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"subscriber_id" bigint NOT NULL,
	"digest_id" bigint,
	"status" text DEFAULT 'pending' NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"lease_until" timestamp with time zone,
	"next_attempt_at" timestamp with time zone NOT NULL,
	"outcome" text,
	"created_at" timestamp with time zone NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "deliveries_digest_id_unique" UNIQUE("digest_id"),
	CONSTRAINT "deliveries_status" CHECK (status in ('pending', 'sending', 'sent', 'failed', 'skipped')),
	CONSTRAINT "deliveries_kind" CHECK (kind in ('confirm', 'already_subscribed', 'digest')),
	CONSTRAINT "deliveries_digest" CHECK ((kind = 'digest') = (digest_id is not null))
);
--> statement-breakpoint
CREATE TABLE "digest_papers" (
	"digest_id" bigint NOT NULL,
	"subscriber_id" bigint NOT NULL,
	"position" smallint NOT NULL,
	"paper_id" bigint NOT NULL,
	"score" real NOT NULL,
	"reasons" jsonb NOT NULL,
	CONSTRAINT "digest_papers_digest_id_position_pk" PRIMARY KEY("digest_id","position"),
	CONSTRAINT "digest_papers_subscriber_id_paper_id_unique" UNIQUE("subscriber_id","paper_id")
);
--> statement-breakpoint
CREATE TABLE "digests" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "digests_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"subscriber_id" bigint NOT NULL,
	"edition" text NOT NULL,
	"composed_at" timestamp with time zone NOT NULL,
	"filled" boolean DEFAULT false NOT NULL,
	CONSTRAINT "digests_subscriber_id_edition_unique" UNIQUE("subscriber_id","edition"),
	CONSTRAINT "digests_id_subscriber_id_unique" UNIQUE("id","subscriber_id")
);
--> statement-breakpoint
CREATE TABLE "feedback" (
	"subscriber_id" bigint NOT NULL,
	"paper_id" bigint NOT NULL,
	"verdict" text NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "feedback_subscriber_id_paper_id_pk" PRIMARY KEY("subscriber_id","paper_id"),
	CONSTRAINT "feedback_verdict" CHECK (verdict in ('liked', 'disliked'))
);
--> statement-breakpoint
CREATE TABLE "paper_keys" (
	"key" text PRIMARY KEY NOT NULL,
	"paper_id" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "paper_observations" (
	"paper_id" bigint NOT NULL,
	"source" text NOT NULL,
	"observed_at" timestamp with time zone NOT NULL,
	"listed_at" timestamp with time zone NOT NULL,
	"upvotes" integer,
	"comments" integer,
	"github_stars" integer,
	CONSTRAINT "paper_observations_paper_id_source_observed_at_pk" PRIMARY KEY("paper_id","source","observed_at")
);
--> statement-breakpoint
CREATE TABLE "paper_sources" (
	"source" text NOT NULL,
	"external_id" text NOT NULL,
	"paper_id" bigint NOT NULL,
	"content_hash" text NOT NULL,
	"first_seen_at" timestamp with time zone NOT NULL,
	"changed_at" timestamp with time zone NOT NULL,
	CONSTRAINT "paper_sources_source_external_id_pk" PRIMARY KEY("source","external_id")
);
--> statement-breakpoint
CREATE TABLE "papers" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "papers_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"arxiv_id" text,
	"doi" text,
	"version" integer DEFAULT 1 NOT NULL,
	"title" text NOT NULL,
	"abstract" text DEFAULT '' NOT NULL,
	"authors" text[] DEFAULT '{}' NOT NULL,
	"categories" text[] DEFAULT '{}' NOT NULL,
	"published_at" timestamp with time zone,
	"withdrawn" boolean DEFAULT false NOT NULL,
	"url" text,
	"code_url" text,
	"ranks" jsonb NOT NULL,
	"first_seen_at" timestamp with time zone NOT NULL,
	"updated_at" timestamp with time zone NOT NULL,
	CONSTRAINT "papers_arxiv_id_unique" UNIQUE("arxiv_id")
);
--> statement-breakpoint
CREATE TABLE "profile_topics" (
	"subscriber_id" bigint NOT NULL,
	"topic_id" bigint NOT NULL,
	CONSTRAINT "profile_topics_subscriber_id_topic_id_pk" PRIMARY KEY("subscriber_id","topic_id")
);
--> statement-breakpoint
CREATE TABLE "profiles" (
	"subscriber_id" bigint PRIMARY KEY NOT NULL,
	"keywords" text[] DEFAULT '{}' NOT NULL,
	"excluded" text[] DEFAULT '{}' NOT NULL,
	"authors" text[] DEFAULT '{}' NOT NULL
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"key" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "source_hosts" (
	"host" text PRIMARY KEY NOT NULL,
	"free_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "source_states" (
	"name" text PRIMARY KEY NOT NULL,
	"cursor" text,
	"last_run_at" timestamp with time zone,
	"last_ok_at" timestamp with time zone,
	"failing_since" timestamp with time zone,
	"last_error" text,
	"seen" bigint DEFAULT 0 NOT NULL,
	"inserted" bigint DEFAULT 0 NOT NULL,
	"updated" bigint DEFAULT 0 NOT NULL,
	"merged" bigint DEFAULT 0 NOT NULL,
	"skipped" bigint DEFAULT 0 NOT NULL,
	"skipped_reasons" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "subscribers" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "subscribers_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"email" text NOT NULL,
	"email_key" text NOT NULL,
	"email_hash" text NOT NULL,
	"status" text NOT NULL,
	"frequency" text NOT NULL,
	"weekdays" smallint[] NOT NULL,
	"hour" smallint NOT NULL,
	"timezone" text NOT NULL,
	"paper_count" smallint DEFAULT 10 NOT NULL,
	"pickiness" text DEFAULT 'medium' NOT NULL,
	"paused_until" timestamp with time zone,
	"next_due_at" timestamp with time zone,
	"last_digest_at" timestamp with time zone,
	"token_version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"confirmed_at" timestamp with time zone,
	"unsubscribed_at" timestamp with time zone,
	CONSTRAINT "subscribers_email_key_unique" UNIQUE("email_key"),
	CONSTRAINT "subscribers_status" CHECK (status in ('pending', 'active', 'unsubscribed')),
	CONSTRAINT "subscribers_frequency" CHECK (frequency in ('daily', 'weekly')),
	CONSTRAINT "subscribers_pickiness" CHECK (pickiness in ('low', 'medium', 'high')),
	CONSTRAINT "subscribers_hour" CHECK (hour between 0 and 23),
	CONSTRAINT "subscribers_paper_count" CHECK (paper_count between 1 and 30),
	CONSTRAINT "subscribers_weekdays" CHECK (cardinality(weekdays) between 1 and 7 and weekdays <@ '{0,1,2,3,4,5,6}'::smallint[] and (frequency = 'daily' or cardinality(weekdays) = 1))
);
--> statement-breakpoint
CREATE TABLE "suppressions" (
	"email_hash" text PRIMARY KEY NOT NULL,
	"reason" text NOT NULL,
	"detail" text,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "suppressions_reason" CHECK (reason in ('hard_bounce', 'soft_bounce', 'complaint', 'manual'))
);
--> statement-breakpoint
CREATE TABLE "topics" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "topics_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"description" text NOT NULL,
	"group_name" text NOT NULL,
	"position" integer NOT NULL,
	"keywords" text[] DEFAULT '{}' NOT NULL,
	"categories" text[] DEFAULT '{}' NOT NULL,
	CONSTRAINT "topics_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
ALTER TABLE "consents" ADD CONSTRAINT "consents_subscriber_id_subscribers_id_fk" FOREIGN KEY ("subscriber_id") REFERENCES "public"."subscribers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_subscriber_id_subscribers_id_fk" FOREIGN KEY ("subscriber_id") REFERENCES "public"."subscribers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_digest_id_digests_id_fk" FOREIGN KEY ("digest_id") REFERENCES "public"."digests"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "digest_papers" ADD CONSTRAINT "digest_papers_paper_id_papers_id_fk" FOREIGN KEY ("paper_id") REFERENCES "public"."papers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "digest_papers" ADD CONSTRAINT "digest_papers_digest_id_subscriber_id_digests_id_subscriber_id_fk" FOREIGN KEY ("digest_id","subscriber_id") REFERENCES "public"."digests"("id","subscriber_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "digests" ADD CONSTRAINT "digests_subscriber_id_subscribers_id_fk" FOREIGN KEY ("subscriber_id") REFERENCES "public"."subscribers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feedback" ADD CONSTRAINT "feedback_subscriber_id_subscribers_id_fk" FOREIGN KEY ("subscriber_id") REFERENCES "public"."subscribers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "feedback" ADD CONSTRAINT "feedback_paper_id_papers_id_fk" FOREIGN KEY ("paper_id") REFERENCES "public"."papers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "paper_keys" ADD CONSTRAINT "paper_keys_paper_id_papers_id_fk" FOREIGN KEY ("paper_id") REFERENCES "public"."papers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "paper_observations" ADD CONSTRAINT "paper_observations_paper_id_papers_id_fk" FOREIGN KEY ("paper_id") REFERENCES "public"."papers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "paper_sources" ADD CONSTRAINT "paper_sources_paper_id_papers_id_fk" FOREIGN KEY ("paper_id") REFERENCES "public"."papers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "profile_topics" ADD CONSTRAINT "profile_topics_subscriber_id_subscribers_id_fk" FOREIGN KEY ("subscriber_id") REFERENCES "public"."subscribers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "profile_topics" ADD CONSTRAINT "profile_topics_topic_id_topics_id_fk" FOREIGN KEY ("topic_id") REFERENCES "public"."topics"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "profiles" ADD CONSTRAINT "profiles_subscriber_id_subscribers_id_fk" FOREIGN KEY ("subscriber_id") REFERENCES "public"."subscribers"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "consents_subscriber_id_index" ON "consents" USING btree ("subscriber_id");--> statement-breakpoint
CREATE INDEX "deliveries_status_next_attempt_at_index" ON "deliveries" USING btree ("status","next_attempt_at") WHERE status in ('pending', 'sending');--> statement-breakpoint
CREATE INDEX "deliveries_subscriber_id_kind_index" ON "deliveries" USING btree ("subscriber_id","kind");--> statement-breakpoint
CREATE INDEX "paper_keys_paper_id_index" ON "paper_keys" USING btree ("paper_id");--> statement-breakpoint
CREATE INDEX "paper_observations_listed_at_index" ON "paper_observations" USING btree ("listed_at");--> statement-breakpoint
CREATE INDEX "paper_sources_paper_id_index" ON "paper_sources" USING btree ("paper_id");--> statement-breakpoint
CREATE INDEX "papers_first_seen_at_index" ON "papers" USING btree ("first_seen_at");--> statement-breakpoint
CREATE INDEX "papers_published_at_index" ON "papers" USING btree ("published_at");--> statement-breakpoint
CREATE INDEX "subscribers_next_due_at_id_index" ON "subscribers" USING btree ("next_due_at","id") WHERE status = 'active';