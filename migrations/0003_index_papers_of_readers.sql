DROP INDEX "papers_published_at_index";--> statement-breakpoint
CREATE INDEX "digest_papers_paper_id_index" ON "digest_papers" USING btree ("paper_id");--> statement-breakpoint
CREATE INDEX "feedback_paper_id_index" ON "feedback" USING btree ("paper_id");