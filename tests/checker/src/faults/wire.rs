//! A bad network between two namespaces: two TUN devices and a relay that holds every packet back and loses some.
//!
//! Works on whole IP packets, so that what TCP does about delay and loss is the kernel's own doing.

use std::collections::VecDeque;
use std::io::ErrorKind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use fastrand::Rng;
use tun_rs::{DeviceBuilder, InterruptEvent, SyncDevice};

use crate::faults::Result;
use crate::faults::place::{Far, ip};

/// The server's side and the clients' side.
pub const NEAR_IP: &str = "10.93.0.1";
pub const FAR_IP: &str = "10.93.0.2";

/// Packets that are under way in one direction; more are lost, as at a full router.
const UNDER_WAY: usize = 20_000;

#[derive(Debug, Clone, Copy)]
pub struct Weather {
    /// Each way.
    pub delay: Duration,
    /// Of 100 packets; at 100 the network is a black hole.
    pub lost_percent: u8,
}

#[derive(Debug, Default)]
pub struct Counts {
    pub relayed: AtomicU64,
    pub lost: AtomicU64,
}

/// Relays until it is dropped.
pub struct Wire {
    pub counts: Arc<Counts>,
    lost_percent: Arc<AtomicU8>,
    stop: Arc<InterruptEvent>,
    threads: Vec<JoinHandle<()>>,
}

struct Fate {
    delay: Duration,
    lost_percent: Arc<AtomicU8>,
    rng: Rng,
}

type Packet = (Instant, Vec<u8>);

impl Wire {
    /// Joins our namespace and `far`.
    pub fn join(far: &Far, weather: Weather, seed: u64) -> Result<Self> {
        let device = |name: &str| -> Result<Arc<SyncDevice>> {
            let device = DeviceBuilder::new().name(name).build_sync()?;
            device.set_nonblocking(true)?;
            Ok(Arc::new(device))
        };
        let near_device = device("near0")?;
        let far_device = far.open(|| device("far0"))?;
        ip(&format!("addr add {NEAR_IP}/24 dev near0"))?;
        ip("link set near0 up")?;
        far.ip(&format!("addr add {FAR_IP}/24 dev far0"))?;
        far.ip("link set far0 up")?;

        let (counts, stop) = (Arc::new(Counts::default()), Arc::new(InterruptEvent::new()?));
        let lost_percent = Arc::new(AtomicU8::new(weather.lost_percent));
        let mut threads = Vec::new();
        for (n, from, to) in [(0, &near_device, &far_device), (1, &far_device, &near_device)] {
            let (sender, receiver) = sync_channel(UNDER_WAY);
            let (from, to, counts, stop) = (from.clone(), to.clone(), counts.clone(), stop.clone());
            let fate = Fate { delay: weather.delay, lost_percent: lost_percent.clone(), rng: Rng::with_seed(seed + n) };
            let packets = counts.clone();
            threads.push(std::thread::spawn(move || take(&from, &sender, fate, &counts, &stop)));
            threads.push(std::thread::spawn(move || give(&to, &receiver, &packets)));
        }
        Ok(Self { counts, lost_percent, stop, threads })
    }

    /// From now on so many of 100 packets are lost.
    pub fn lose(&self, percent: u8) {
        self.lost_percent.store(percent, Ordering::Relaxed);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        let _ = self.stop.trigger();
        self.threads.drain(..).for_each(|thread| drop(thread.join()));
    }
}

/// Takes packets off a device and decides their lot.
fn take(device: &SyncDevice, packets: &SyncSender<Packet>, mut fate: Fate, counts: &Counts, stop: &InterruptEvent) {
    let mut buffer = vec![0; 65_536];
    loop {
        match device.recv_intr(&mut buffer, stop) {
            Ok(length) => {
                let lost = fate.rng.u8(0..100) < fate.lost_percent.load(Ordering::Relaxed);
                let packet = (Instant::now() + fate.delay, buffer[..length].to_vec());
                if lost || matches!(packets.try_send(packet), Err(TrySendError::Full(_))) {
                    counts.lost.fetch_add(1, Ordering::Relaxed);
                }
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => {}
            // Told to stop, or the device is gone.
            Err(_) => return,
        }
    }
}

/// Puts packets onto a device when their time has come. The delay is the same for all, so they stay in order.
fn give(device: &SyncDevice, packets: &Receiver<Packet>, counts: &Counts) {
    let mut waiting: VecDeque<Packet> = VecDeque::new();
    loop {
        let next =
            waiting.front().map_or(Duration::from_secs(3600), |(due, _)| due.saturating_duration_since(Instant::now()));
        match packets.recv_timeout(next) {
            Ok(packet) => waiting.push_back(packet),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
        while waiting.front().is_some_and(|(due, _)| *due <= Instant::now()) {
            let Some((_, packet)) = waiting.pop_front() else { break };
            if device.send(&packet).is_ok() {
                counts.relayed.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}
