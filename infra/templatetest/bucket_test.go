package templatetest

import (
	"fmt"
	"strings"

	"makegood/infra/template"
)

const typeBucketPolicy = "AWS::S3::BucketPolicy"

// closed are the properties that every bucket has: nobody outside the account reads it, whatever is
// put belongs to the account, and lies encrypted.
var closed = map[string]string{
	"PublicAccessBlockConfiguration": "map[BlockPublicAcls:true BlockPublicPolicy:true IgnorePublicAcls:true RestrictPublicBuckets:true]",
	"OwnershipControls":              "map[Rules:[map[ObjectOwnership:BucketOwnerEnforced]]]",
	"BucketEncryption":               "map[ServerSideEncryptionConfiguration:[map[ServerSideEncryptionByDefault:map[SSEAlgorithm:AES256]]]]",
}

// reached is what a page may do with a bucket: put what it has a link for, from a listed origin.
// Links that read are for pictures of a page, which ask for no CORS.
const reached = "!If [HasAllowedOrigins map[CorsRules:[map[AllowedHeaders:[content-type x-amz-checksum-sha256] AllowedMethods:[PUT]" +
	" AllowedOrigins:!Split [, !Ref AllowedOrigins] MaxAge:7200]]] !Ref AWS::NoValue]"

// bucketsAreClosed: each bucket is private, encrypted, read over TLS alone, outlives the stack as
// the tables do, and forgets. It has no versions: what is erased would still be there.
func bucketsAreClosed(t *template.Template) (problems, error) {
	var p problems
	buckets := t.ResourcesOfType(template.TypeBucket)
	if len(buckets) == 0 {
		p.addf("no bucket keeps the pictures")
	}
	for _, r := range buckets {
		for property, want := range closed {
			if got := fmt.Sprint(r.Properties[property]); got != want {
				p.addf("%s: %s is %s, not %s", r.LogicalID, property, got, want)
			}
		}
		if got := fmt.Sprint(r.Properties["CorsConfiguration"]); got != reached {
			p.addf("%s: CorsConfiguration is %s, not %s", r.LogicalID, got, reached)
		}
		if r.Properties["VersioningConfiguration"] != nil || r.Properties["ReplicationConfiguration"] != nil || r.Properties["ObjectLockEnabled"] != nil {
			p.addf("%s keeps what is deleted: an erasure would not be one", r.LogicalID)
		}
		if r.Properties["BucketName"] != nil {
			p.addf("%s has a name of its own: a second stack, or this one made anew beside the retained bucket, could not be", r.LogicalID)
		}
		rules, _ := r.Lookup("LifecycleConfiguration", "Rules")
		for _, want := range []string{
			"map[ExpirationInDays:!Ref EvidenceDays Id:expire Status:Enabled]",
			"map[AbortIncompleteMultipartUpload:map[DaysAfterInitiation:1] Id:unfinished Status:Enabled]",
		} {
			if !strings.Contains(fmt.Sprint(rules), want) {
				p.addf("%s forgets by %v, not by %s", r.LogicalID, rules, want)
			}
		}
		p = append(p, keptWithItsPolicy(t, r)...)
	}
	return p, nil
}

// keptWithItsPolicy: a bucket that stays when its stack goes keeps the policy that refuses clear
// text.
func keptWithItsPolicy(t *template.Template, bucket *template.Resource) problems {
	var p problems
	id := bucket.LogicalID
	want := fmt.Sprintf("map[Statement:[map[Action:s3:* Condition:map[Bool:map[aws:SecureTransport:false]] Effect:Deny Principal:*"+
		" Resource:[!GetAtt %s.Arn !Sub ${%s.Arn}/*]]] Version:2012-10-17]", id, id)
	policies := 0
	for _, r := range t.ResourcesOfType(typeBucketPolicy) {
		if fmt.Sprint(r.Properties["Bucket"]) != "!Ref "+id {
			continue
		}
		policies++
		if got := fmt.Sprint(r.Properties["PolicyDocument"]); got != want {
			p.addf("%s says %s, not %s", r.LogicalID, got, want)
		}
		p = append(p, retained(r)...)
	}
	if policies != 1 {
		p.addf("%s has %d policies, not the one that refuses clear text", id, policies)
	}
	return append(p, retained(bucket)...)
}

func retained(r *template.Resource) problems {
	if r.DeletionPolicy == "Retain" && r.UpdateReplacePolicy == "Retain" {
		return nil
	}
	return problems{r.LogicalID + ": DeletionPolicy and UpdateReplacePolicy are not both Retain"}
}

// picturesAreOfTheInternet: loopback is reached by the local stack alone, which says so itself. A
// template that says it would let an app's links reach what listens inside a function.
func picturesAreOfTheInternet(t *template.Template) (problems, error) {
	var p problems
	if strings.Contains(fmt.Sprint(t.Document), "LOOPBACK_PICTURES") {
		p.addf("LOOPBACK_PICTURES is in the template: only the local stack sets it")
	}
	return p, nil
}

// opened are defects that let a stranger, or nobody any more, see what is kept.
var opened = []defect{
	{"buckets", "BlockPublicPolicy: true", "BlockPublicPolicy: false"},
	{"buckets", "IgnorePublicAcls: true, ", ""},
	{"buckets", "ObjectOwnership: BucketOwnerEnforced", "ObjectOwnership: ObjectWriter"},
	{"buckets", "      BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]}\n", ""},
	{"buckets", "      LifecycleConfiguration:\n        Rules:\n", "      VersioningConfiguration: {Status: Enabled}\n      LifecycleConfiguration:\n        Rules:\n"},
	{"buckets", "      LifecycleConfiguration:\n        Rules:\n", "      BucketName: makegood-evidence\n      LifecycleConfiguration:\n        Rules:\n"},
	{"buckets", "Id: expire, Status: Enabled", "Id: expire, Status: Disabled"},
	{"buckets", "ExpirationInDays: !Ref EvidenceDays", "ExpirationInDays: 3650"},
	{"buckets", "          - {Id: unfinished, Status: Enabled, AbortIncompleteMultipartUpload: {DaysAfterInitiation: 1}}\n", ""},
	{"buckets", "AllowedOrigins: !Split [\",\", !Ref AllowedOrigins], AllowedMethods", "AllowedOrigins: [\"*\"], AllowedMethods"},
	{"buckets", "AllowedMethods: [PUT], AllowedHeaders", "AllowedMethods: [PUT, GET], AllowedHeaders"},
	{"buckets", "cut:EvidenceBucketPolicy", ""},
	{"buckets", "            Condition: {Bool: {\"aws:SecureTransport\": \"false\"}}\n\n  # The ledger's", "            Condition: {Bool: {\"aws:SecureTransport\": \"true\"}}\n\n  # The ledger's"},
	{"buckets", "Resource: [!GetAtt EvidenceBucket.Arn, !Sub \"${EvidenceBucket.Arn}/*\"]", "Resource: [!GetAtt EvidenceBucket.Arn]"},
	{"buckets", "          - Effect: Deny\n            Principal: \"*\"\n            Action: s3:*\n", "          - Effect: Allow\n            Principal: \"*\"\n            Action: s3:*\n"},
	{"buckets", "    Type: AWS::S3::Bucket\n    DeletionPolicy: Retain\n", "    Type: AWS::S3::Bucket\n    DeletionPolicy: Delete\n"},
	{"buckets", "    Type: AWS::S3::BucketPolicy\n    DeletionPolicy: Retain\n", "    Type: AWS::S3::BucketPolicy\n"},
	{"kinds", "      LifecycleConfiguration:\n        Rules:\n", "      WebsiteConfiguration: {IndexDocument: index.html}\n      LifecycleConfiguration:\n        Rules:\n"},
	{"kinds", "      LifecycleConfiguration:\n        Rules:\n", "      AccessControl: PublicRead\n      LifecycleConfiguration:\n        Rules:\n"},
	{"pictures", "        LIVEMODE: !Ref Livemode\n", "        LIVEMODE: !Ref Livemode\n        LOOPBACK_PICTURES: \"true\"\n"},
	{"outputs", "Value: !Ref EvidenceBucket\n", "Value: !Ref EvidenceTable\n"},
}
