package text_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"makegood/shared/text"
)

func TestALinkIsAnAddressOfTheWebThatAPersonMayBeShown(t *testing.T) {
	for _, link := range []string{
		"https://images.example/1.png", "http://127.0.0.1:9/x", "HTTPS://images.example", "https://bucket.example/a?X-Amz-Signature=b&c=%20#d", "https://bücher.example/指.png",
		"https://[::1]/x",
	} {
		assert.True(t, text.IsLink(link), link)
	}
	for _, none := range []string{
		"", "x", "javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)", "java\nscript:alert(1)", "javascript://images.example/%0aalert(1)", "data:text/html,x",
		"vbscript:x", "file:///etc/passwd", "ftp://images.example/x", "s3://bucket/x", "//images.example/x", "/x", "https:", "https:x", "https:///x", "https://:80/x",
		"https://bank.example@evil.example/", "https://images.example/\u202egnp.1", "https://images.example/a b", "https://images.example/\x00", "https://images.example/\u200b",
		"https://images.example:port/", `https:\\images.example`, "https://%zz/", " https://images.example", "https://images.example\n",
	} {
		assert.False(t, text.IsLink(none), "%q", none)
	}
}

func TestAnObjectIsABucketAndAKeyAsTheyAreWritten(t *testing.T) {
	for _, object := range []string{"s3://results/a.png", "s3://my.results/2026/03/a b%zz#?.png", "s3://results/指.png", "s3://results//a"} {
		assert.True(t, text.IsObject(object), object)
	}
	for _, none := range []string{
		"", "s3:", "s3://", "s3://results", "s3://results/", "s3:///a.png", "S3://results/a.png", "s3://re sults/a.png", "s3://results/a\n.png",
		"s3://results/\u202egnp.a", "s3://results/\x00", "https://images.example/1.png", " s3://results/a.png",
	} {
		assert.False(t, text.IsObject(none), "%q", none)
	}
}
