ALTER TABLE "profile_user" DROP COLUMN "logto_snapshot";--> statement-breakpoint
ALTER TABLE "profile_user" DROP COLUMN "snapshot_fetched_at";