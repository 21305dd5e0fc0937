use payments::models::Status::*;

/// Открытые двери названы поимённо; всё остальное закрыто.
#[test]
fn only_listed_transitions_are_legal() {
    let all = [Pending, WaitingForCapture, Succeeded, Cancelled, Failed, Attention];
    for from in all {
        assert!(!from.can_become(from), "{from:?} into itself");
        assert!(!Succeeded.can_become(from), "paid is final, but may become {from:?}");
        assert!(!from.can_become(Pending), "{from:?} never goes back to pending");
        assert_eq!(from.can_become(Succeeded), from != Succeeded, "money from {from:?} is never lost");
    }
    assert_eq!(WaitingForCapture.sources(), [Pending]);
    assert_eq!(Cancelled.sources(), [Pending, WaitingForCapture, Attention]);
    assert_eq!(Failed.sources(), [Pending]);
    assert_eq!(Attention.sources(), [Pending, WaitingForCapture, Cancelled, Failed]);
}
