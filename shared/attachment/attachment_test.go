package attachment_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"makegood/shared/attachment"
	"makegood/shared/fault"
)

func TestAFileThatIsNotTakenIsRefusedByItsField(t *testing.T) {
	whole := attachment.File{MediaType: attachment.PDF, Bytes: attachment.MaxBytes, SHA256: strings.Repeat("0a", 32)}
	require.NoError(t, whole.Validate())
	for name, c := range map[string]struct {
		change      func(*attachment.File)
		kind        fault.Kind
		code, field string
	}{
		"no type":        {func(f *attachment.File) { f.MediaType = "" }, fault.KindInvalid, attachment.CodeType, "media_type"},
		"another type":   {func(f *attachment.File) { f.MediaType = "image/svg+xml" }, fault.KindInvalid, attachment.CodeType, "media_type"},
		"no bytes":       {func(f *attachment.File) { f.Bytes = 0 }, fault.KindInvalid, fault.CodeInvalidRequest, "bytes"},
		"too many bytes": {func(f *attachment.File) { f.Bytes++ }, fault.KindTooLarge, attachment.CodeTooLarge, "bytes"},
		"a short hash":   {func(f *attachment.File) { f.SHA256 = f.SHA256[1:] }, fault.KindInvalid, fault.CodeInvalidRequest, "sha256"},
		"capitals":       {func(f *attachment.File) { f.SHA256 = strings.ToUpper(f.SHA256) }, fault.KindInvalid, fault.CodeInvalidRequest, "sha256"},
		"a line more":    {func(f *attachment.File) { f.SHA256 += "\n" }, fault.KindInvalid, fault.CodeInvalidRequest, "sha256"},
	} {
		file := whole
		c.change(&file)
		var refused *fault.Error
		require.ErrorAs(t, file.Validate(), &refused, name)
		require.Equal(t, []any{c.kind, c.code, c.field}, []any{refused.Kind, refused.Code, refused.Field}, name)
	}
}

func TestATypeIsToldByTheFirstBytes(t *testing.T) {
	begins := map[attachment.MediaType]string{
		attachment.PNG: "\x89PNG\r\n\x1a\n\x00\x00\x00\r", attachment.JPEG: "\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01",
		attachment.WebP: "RIFF\x24\x00\x00\x00WEBP", attachment.PDF: "%PDF-1.7\n%\xe2\xe3",
	}
	require.Len(t, begins, len(attachment.MediaTypes))
	for _, mediaType := range attachment.MediaTypes {
		for other, first := range begins {
			require.Len(t, first, attachment.FirstBytes)
			require.Equal(t, mediaType == other, mediaType.Begins([]byte(first)), "%s: %q", mediaType, first)
		}
		require.False(t, mediaType.Begins(nil))
		require.False(t, mediaType.Begins([]byte("<html><body>")))
		require.False(t, mediaType.Begins([]byte("RIFF\x24\x00\x00\x00WAVE")))
	}
}

func TestAnIDSaysWhoseItIsAndWhereItsBytesLie(t *testing.T) {
	id := attachment.NewID("alice", "app", "k")
	require.True(t, attachment.IsID(string(id)))
	require.NotEqual(t, id, attachment.NewID("alice", "app", "other"))
	require.NotEqual(t, id, attachment.NewID("alice", "staff", "k"))
	require.NotEqual(t, id.CustomerKey(), attachment.NewID("bob", "app", "k").CustomerKey())
	require.Equal(t, id.CustomerKey()+"/attachments/"+string(id), id.Object())
	for _, other := range []string{"", "att_", "cas_" + string(id)[4:], string(id) + "a", "https://example.com/bill.pdf"} {
		require.False(t, attachment.IsID(other), other)
	}
}
