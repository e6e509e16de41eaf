CREATE SCHEMA IF NOT EXISTS "logto_profile";
--> statement-breakpoint
CREATE TABLE "logto_profile"."activity" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"action" text NOT NULL,
	"client_id" text,
	"fields" text[] DEFAULT '{}' NOT NULL,
	"details" jsonb
);
--> statement-breakpoint
CREATE TABLE "logto_profile"."code_request" (
	"address_hash" text NOT NULL,
	"user_id" text NOT NULL,
	"client_id" text NOT NULL,
	"purpose" text NOT NULL,
	"id" text NOT NULL,
	"encrypted_address" text NOT NULL,
	"security_epoch" bigint DEFAULT 0 NOT NULL,
	"requested_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"taken_at" timestamp with time zone,
	CONSTRAINT "code_request_address_hash_user_id_client_id_purpose_pk" PRIMARY KEY("address_hash","user_id","client_id","purpose")
);
--> statement-breakpoint
CREATE TABLE "logto_profile"."current_code" (
	"address_hash" text PRIMARY KEY NOT NULL,
	"request_id" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "logto_profile"."idempotency_key" (
	"user_id" text NOT NULL,
	"key" varchar(255) NOT NULL,
	"request_hash" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "idempotency_key_user_id_key_pk" PRIMARY KEY("user_id","key")
);
--> statement-breakpoint
CREATE TABLE "logto_profile"."job_run" (
	"job" text PRIMARY KEY NOT NULL,
	"due_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "logto_profile"."password_lock" (
	"user_id" text PRIMARY KEY NOT NULL,
	"failures" integer NOT NULL,
	"locked_until" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "logto_profile"."profile_user" (
	"user_id" text PRIMARY KEY NOT NULL,
	"fields" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"encrypted_fields" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"fields_version" bigint DEFAULT 0 NOT NULL,
	"logto_version" bigint DEFAULT 0 NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	"lease" text,
	"lease_until" timestamp with time zone,
	"call_started_at" timestamp with time zone,
	"pending" jsonb,
	"security_epoch" bigint DEFAULT 0 NOT NULL,
	"tokens_valid_from" timestamp with time zone,
	"client_cutoffs" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"missing_since" timestamp with time zone,
	"password_changed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "logto_profile"."rate_limit" (
	"key" varchar(255) PRIMARY KEY NOT NULL,
	"points" integer DEFAULT 0 NOT NULL,
	"expire" bigint
);
--> statement-breakpoint
CREATE TABLE "logto_profile"."sign_in_nonce" (
	"nonce_hash" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"client_id" text NOT NULL,
	"security_epoch" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "logto_profile"."tenant" (
	"singleton" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"issuer" text NOT NULL,
	"management_api_resource" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "logto_profile"."verification_record" (
	"id_hash" text PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"client_id" text NOT NULL,
	"kind" text NOT NULL,
	"address_hash" text,
	"proves_identity" boolean NOT NULL,
	"security_epoch" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "logto_profile"."webhook_arrival" (
	"singleton" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"last_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "activity_user" ON "logto_profile"."activity" USING btree ("user_id","id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "activity_at" ON "logto_profile"."activity" USING btree ("at");--> statement-breakpoint
CREATE INDEX "code_request_user" ON "logto_profile"."code_request" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "code_request_expiry" ON "logto_profile"."code_request" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "current_code_expiry" ON "logto_profile"."current_code" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "idempotency_key_expiry" ON "logto_profile"."idempotency_key" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "profile_user_pending" ON "logto_profile"."profile_user" USING btree ("lease_until") WHERE "logto_profile"."profile_user"."pending" is not null;--> statement-breakpoint
CREATE INDEX "rate_limit_expire" ON "logto_profile"."rate_limit" USING btree ("expire");--> statement-breakpoint
CREATE INDEX "sign_in_nonce_expiry" ON "logto_profile"."sign_in_nonce" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "verification_record_user" ON "logto_profile"."verification_record" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "verification_record_expiry" ON "logto_profile"."verification_record" USING btree ("expires_at");