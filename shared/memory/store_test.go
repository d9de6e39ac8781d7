package memory_test

import (
	"testing"

	"makegood/shared/memory"
	"makegood/shared/storetest"
)

func TestTheStoreInMemoryKeepsEveryPromise(t *testing.T) {
	storetest.Run(t, func(*testing.T) storetest.Store { return memory.New() })
}

func TestManyAtOnceGetWhatOneWouldGet(t *testing.T) {
	storetest.Races(t, memory.New(), 100)
}

func TestTheLawsHoldInMemory(t *testing.T) {
	storetest.Laws(t, func() storetest.Store { return memory.New() }, 300)
}

func TestMoneyGoesBackOnceThoughItsPayerIsCutOffAtAnyTwoPoints(t *testing.T) {
	storetest.Crashes(t, func() storetest.Store { return memory.New() }, true)
}

func TestMuchMoneyMovesOnceAfterTwoPeopleSaidSoWhateverTheOrder(t *testing.T) {
	storetest.Seconds(t, func() storetest.Store { return memory.New() })
}

func TestARulingIsCarriedOutOnceOrTakenBackWhateverTheOrder(t *testing.T) {
	storetest.TakeBacks(t, func() storetest.Store { return memory.New() })
}

func TestWhatACaseTookIsKeptAndWhatNoneTookIsGoneWhateverTheOrder(t *testing.T) {
	storetest.Attachments(t, func() storetest.Store { return memory.New() })
}
