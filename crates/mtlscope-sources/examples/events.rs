use mtlscope_dissect::*;
use mtlscope_sources::*;
fn main(){
  let a: Vec<String>=std::env::args().collect();
  let mut d=Dissector::new(Settings::default());
  if let Some(k)=a.get(2){ let mut k=KeyLogFile::open(std::path::Path::new(k)).unwrap(); while let Some(i)=k.next().unwrap(){ d.push(i);} }
  let mut f=CaptureFile::open(std::path::Path::new(&a[1])).unwrap();
  let quiet=a.get(3).is_some();
  let mut n=0;
  while let Some(i)=f.next().unwrap(){ d.push(i); while let Some(e)=d.poll(){ n+=1; if !quiet {show(e);} } }
  d.finish(); while let Some(e)=d.poll(){ n+=1; if !quiet {show(e);} }
  eprintln!("{n} events");
}
fn show(e: event::Event){ match e.kind { event::EventKind::Message(m)=>println!("{:?} {:?} {} {} {:?} {:?} signed={}",e.connection,m.evidence.frame,m.evidence.side,m.handshake_type,m.length,m.protection,m.signed.is_some()), k=>println!("{:?} {:?}",e.connection,k)} }
