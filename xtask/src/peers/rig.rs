//! The rig: the certificates, and every server in every mode, started once and gone in the end.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Result, ensure};

use super::authority::Authority;
use super::place::Place;
use super::process::{self, Process};
use super::server::{self, Server};
use crate::tshark::on_path;
use crate::workspace::sorted_entries;

/// All that runs.
pub(crate) struct Rig {
    pub(crate) servers: Vec<Server>,
    pub(crate) authority: Authority,
    // Dropped in this order: first what writes into the folder, then the folder.
    _processes: Vec<Process>,
    pub(crate) place: Place,
}

impl Rig {
    /// Starts the kinds of servers that `wanted` wants, and waits until they listen.
    pub(crate) fn start(program: &Path, wanted: impl Fn(&str) -> bool) -> Result<Self> {
        let place = Place::make()?;
        let folder = place.folder().to_owned();
        // Nothing depends on it.
        process::end_with_us(move || drop(std::fs::remove_dir_all(folder)))?;
        let authority = Authority::make(&place, program)?;
        let (mut servers, mut processes) = (Vec::new(), Vec::new());
        for kind in server::KINDS.iter().filter(|kind| wanted(kind.name)) {
            ensure!(on_path(kind.program).is_some(), "{} is not installed", kind.program);
            for mut plan in (kind.plan)(&place, &authority)? {
                let ports: Vec<u16> = plan.servers.iter().map(|server| server.port).collect();
                processes.push((Process::start(kind.name, &mut plan.command, &plan.log)?, ports));
                servers.extend(plan.servers);
            }
        }
        for (process, ports) in &mut processes {
            process.ready(ports)?;
        }
        let processes = processes.into_iter().map(|(process, _)| process).collect();
        Ok(Self { servers, authority, _processes: processes, place })
    }

    /// Copies what the peers wrote to where it stays.
    pub(crate) fn keep_logs(&self, folder: &Path) -> Result<()> {
        std::fs::create_dir_all(folder)?;
        for path in sorted_entries(self.place.folder())? {
            let text = path.extension().is_some_and(|extension| extension == "log" || extension == "out");
            if let Some(name) = path.file_name().filter(|_| text) {
                std::fs::copy(&path, folder.join(name))?;
            }
        }
        Ok(())
    }

    pub(crate) fn server(&self, name: &str) -> Option<&Server> {
        self.servers.iter().find(|server| server.name == name)
    }
}

/// Does all of some work, several at a time, and gives what came of it in the order of the work.
pub(crate) fn at_once<Work: Sync, Done: Send>(
    work: &[Work],
    doing: impl Fn(&Work) -> Done + Sync,
) -> Vec<Done> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::with_capacity(work.len()));
    std::thread::scope(|scope| {
        for _ in 0..HANDS {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(work) = work.get(index) else { break };
                    let result = doing(work);
                    if let Ok(mut done) = done.lock() {
                        done.push((index, result));
                    }
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_default();
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, result)| result).collect()
}

/// More than there are cores on a small machine: a part of each call is waiting.
const HANDS: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_results_come_in_the_order_of_the_work() {
        let work: Vec<u64> = (0..20).collect();
        let done = at_once(&work, |number| {
            std::thread::sleep(std::time::Duration::from_millis(20 - number));
            number * 2
        });
        assert_eq!(done, work.iter().map(|number| number * 2).collect::<Vec<_>>());
    }
}
