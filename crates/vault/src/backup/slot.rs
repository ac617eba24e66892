//! A place where one thread leaves a result and others wait for it.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Where a result will be.
pub(super) struct Slot<T> {
    value: Mutex<Option<Arc<T>>>,
    filled: Condvar,
}

/// The duty to fill a slot. Dropped without a value (a panic, a closed queue) it fills the slot with what was agreed.
pub(super) struct Promise<T> {
    slot: Arc<Slot<T>>,
    otherwise: Option<fn() -> T>,
}

impl<T> Slot<T> {
    /// Makes a slot and the duty to fill it.
    pub fn new(otherwise: fn() -> T) -> (Arc<Self>, Promise<T>) {
        let slot = Arc::new(Self { value: Mutex::new(None), filled: Condvar::new() });
        (Arc::clone(&slot), Promise { slot, otherwise: Some(otherwise) })
    }

    /// Returns the result if it is there.
    pub fn peek(&self) -> Option<Arc<T>> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for the result.
    pub fn wait(&self) -> Arc<T> {
        let mut value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match &*value {
                Some(value) => return Arc::clone(value),
                None => value = self.filled.wait(value).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    fn fill(&self, value: T) {
        *self.value.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(value));
        self.filled.notify_all();
    }
}

impl<T> Promise<T> {
    /// Leaves the result.
    pub fn keep(mut self, value: T) {
        self.otherwise = None;
        self.slot.fill(value);
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        if let Some(otherwise) = self.otherwise {
            self.slot.fill(otherwise());
        }
    }
}
