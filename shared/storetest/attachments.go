package storetest

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"makegood/shared/attachment"
	"makegood/shared/fault"
	"makegood/shared/ledger"
)

// Opener returns the use case over the world's store.
func (w *World) Opener() attachment.Opener { return attachment.Opener{Store: w.Store} }

// proof asks for the upload of a small picture.
func (w *World) proof(customer ledger.CustomerID) attachment.Request {
	return attachment.Request{
		Customer: customer, File: attachment.File{MediaType: attachment.PNG, Bytes: 12, SHA256: strings.Repeat("0f", 32)},
		Principal: "app", Key: w.Key(), Actor: ledger.ActorApp,
	}
}

func (w *World) open(request attachment.Request) (opened attachment.Opened, err error) {
	err = again(func() error {
		opened, err = w.Opener().Open(w.ctx(), request, w.Now)
		return err
	})
	return opened, err
}

// Opens opens an attachment of the customer.
func (w *World) Opens(customer ledger.CustomerID) attachment.ID {
	w.t.Helper()
	opened, err := w.open(w.proof(customer))
	require.NoError(w.t, err)
	return opened.ID
}

// begins is how a file of each type begins that stories upload.
var begins = map[attachment.MediaType]string{attachment.PNG: "\x89PNG\r\n\x1a\n....", attachment.PDF: "%PDF-1.7\n..."}

// Uploads opens an attachment of the customer, a picture, and puts its bytes where they lie.
func (w *World) Uploads(customer ledger.CustomerID) attachment.ID {
	w.t.Helper()
	return w.UploadsOf(customer, attachment.PNG)
}

// UploadsOf is Uploads of a file of that type, PNG or PDF.
func (w *World) UploadsOf(customer ledger.CustomerID, mediaType attachment.MediaType) attachment.ID {
	w.t.Helper()
	request := w.proof(customer)
	request.File.MediaType = mediaType
	opened, err := w.open(request)
	require.NoError(w.t, err)
	require.NoError(w.t, w.Shelf.Put(w.ctx(), opened.ID.Object(), string(mediaType), []byte(begins[mediaType])))
	return opened.ID
}

// AttachmentOf returns the attachment, nil where there is none.
func (w *World) AttachmentOf(id attachment.ID) *attachment.Attachment {
	w.t.Helper()
	found := read(w, func() ([]attachment.Attachment, error) { return w.Store.FindAttachments(w.ctx(), id) })
	if len(found) == 0 {
		return nil
	}
	return &found[0]
}

var attachmentStories = map[string]func(*testing.T, *World){
	"an attachment is opened once for a key, and may be taken for a day": func(t *testing.T, w *World) {
		alice := w.Customer("alice")
		request := w.proof(alice)
		opened, err := w.open(request)
		require.NoError(t, err)
		require.Equal(t, attachment.NewID(alice, "app", request.Key), opened.ID)
		require.Equal(t, []any{w.Now, w.Now.Add(24 * time.Hour), ""}, []any{opened.OpenedAt, opened.ExpiresAt, opened.Case})
		require.Equal(t, opened.Attachment, *w.AttachmentOf(opened.ID))
		w.Pass(time.Hour)
		replay, err := w.open(request)
		require.NoError(t, err)
		require.Equal(t, attachment.Opened{Attachment: opened.Attachment, Replayed: true}, replay, "as first answered")
		request.File.Bytes++
		_, err = w.open(request)
		require.Equal(t, fault.CodeIdempotencyKeyReused, fault.CodeOf(err))
		require.Nil(t, w.AttachmentOf(attachment.NewID(alice, "app", w.Key())))
		request.File.Bytes--
		w.Pass(23 * time.Hour)
		_, err = w.open(request)
		require.Equal(t, attachment.CodeNotFound, fault.CodeOf(err), "it is past its day")
	},
	"attachments are read in the order asked, each once": func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		first, second := w.Opens(alice), w.Opens(bob)
		unknown := attachment.NewID(alice, "app", w.Key())
		found := read(w, func() ([]attachment.Attachment, error) {
			return w.Store.FindAttachments(w.ctx(), second, unknown, first, second)
		})
		require.Equal(t, []attachment.Attachment{*w.AttachmentOf(second), *w.AttachmentOf(first)}, found)
	},
	"a customer opens so many attachments a day and no more, a repeat of one aside": func(t *testing.T, w *World) {
		alice, bob := w.Customer("alice"), w.Customer("bob")
		w.Now = time.Date(2026, 3, 2, 23, 59, 59, 0, time.UTC)
		own := func(customer ledger.CustomerID) attachment.Request {
			request := w.proof(customer)
			request.Actor = ledger.ActorCustomer
			return request
		}
		for range attachment.MaxOpened {
			request := own(alice)
			_, err := w.open(request)
			require.NoError(t, err)
			replay, err := w.open(request)
			require.NoError(t, err, "a repeat opens nothing")
			require.True(t, replay.Replayed)
		}
		late := own(alice)
		_, err := w.open(late)
		require.Equal(t, fault.KindThrottled, fault.KindOf(err))
		var limit *fault.Error
		require.ErrorAs(t, err, &limit)
		require.Equal(t, time.Second, limit.RetryAfter, "what is left of the day")
		require.Nil(t, w.AttachmentOf(attachment.NewID(alice, late.Principal, late.Key)))
		w.Opens(alice) // by the app
		_, err = w.open(own(bob))
		require.NoError(t, err)
		w.Pass(time.Second)
		_, err = w.open(late)
		require.NoError(t, err, "it is another day")
	},
}
