"""What every `ReceiptStore` must do; a test class of each adapter inherits these tests."""

from receipts import a_receipt

from gtvision.ports import ReceiptStore


class ReceiptStoreContract:
    """Inherit it with a fixture `store`."""

    def test_the_newest_of_a_camera_come_back_the_oldest_of_them_first(self, store: ReceiptStore) -> None:
        own = [a_receipt(number) for number in range(5)]
        store.save_receipts([own[3], own[0], a_receipt(9, "south")])
        store.save_receipts([own[4], own[1], own[2]])
        assert store.receipts("north", limit=9) == own
        assert store.receipts("north", limit=2) == own[3:]
        assert store.receipts("east", limit=9) == []

    def test_a_receipt_saved_again_stays_as_it_is(self, store: ReceiptStore) -> None:
        store.save_receipts([a_receipt(1)])
        store.save_receipts([a_receipt(1, done_s=5000.0), a_receipt(2), a_receipt(2)])
        assert store.receipts("north", limit=9) == [a_receipt(1), a_receipt(2)]

    def test_the_same_message_id_for_another_camera_is_another_receipt(self, store: ReceiptStore) -> None:
        store.save_receipts([a_receipt(1), a_receipt(1, "south")])
        assert store.receipts("south", limit=9) == [a_receipt(1, "south")]

    def test_receipts_are_found_by_their_ids(self, store: ReceiptStore) -> None:
        own, other = a_receipt(1, done_s=1_795_442_400.123_456), a_receipt(1, "south")
        store.save_receipts([own, other, a_receipt(2)])
        found = store.receipts_of([own.id, other.id, a_receipt(3).id])
        assert sorted(found, key=lambda receipt: receipt.camera_id) == [own, other]
        assert store.receipts_of([]) == []

    def test_nothing_to_save_is_no_fault(self, store: ReceiptStore) -> None:
        store.save_receipts([])
        assert store.receipts("north", limit=9) == []
