//! A relay that takes every mail and keeps it.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};

#[derive(Clone)]
pub struct Mailbox {
    pub address: SocketAddr,
    mails: Arc<Mutex<Vec<String>>>,
}

impl Mailbox {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mailbox = Self { address: listener.local_addr().unwrap(), mails: Arc::default() };
        let taking = mailbox.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let mailbox = taking.clone();
                // A connection that breaks brings no mail.
                tokio::spawn(async move { mailbox.take(client).await });
            }
        });
        mailbox
    }

    /// The mails as they came, newest last; lines that were folded to be sent are whole again.
    pub fn all(&self) -> Vec<String> {
        let mails = self.mails.lock().unwrap();
        mails.iter().map(|mail| mail.replace("=\r\n", "").replace("=3D", "=")).collect()
    }

    async fn take(&self, mut client: TcpStream) -> std::io::Result<()> {
        let (reader, mut writer) = client.split();
        let mut lines = BufReader::new(reader);
        writer.write_all(b"220 mailbox.test\r\n").await?;
        let mut line = String::new();
        while {
            line.clear();
            lines.read_line(&mut line).await?
        } > 0
        {
            let answer = match line.get(..4).unwrap_or_default() {
                "DATA" => {
                    writer.write_all(b"354 go on\r\n").await?;
                    let mut mail = String::new();
                    while !mail.ends_with("\r\n.\r\n") {
                        lines.read_line(&mut mail).await?;
                    }
                    self.mails.lock().unwrap().push(mail);
                    "250 taken\r\n"
                }
                "QUIT" => "221 bye\r\n",
                _ => "250 fine\r\n",
            };
            writer.write_all(answer.as_bytes()).await?;
        }
        Ok(())
    }
}
