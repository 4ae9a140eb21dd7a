using System.Diagnostics;
using Virt.Domains;
using Virt.Errors;
using Virt.Remote;
using Virt.Remote.Transports.Processes;
using Virt.Tests.Daemon.Rpc;

namespace Virt.Tests.Daemon.Transports;

/// <summary>The suite over a program, and what its end does.</summary>
public abstract class ProcessTransportSuite : TransportSuite
{
    private protected string Folder { get; } = Directory.CreateTempSubdirectory("virt-ext-").FullName;

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task A_killed_program_faults_what_waits_and_ends_the_daemons_side()
    {
        ChildProcess? child = null;
        await using RemoteDriverConnection connection = await OpenAsync(World, through: stream =>
        {
            child = ((ProcessStream)stream).Child;
            return stream;
        });
        Task<DomainRecord> call = connection.Hypervisor.SaveDomainAsync(Guid.Empty, Time).AsTask();
        await Hypervisor.SaveBegun.Task.WaitAsync(Time);
        using (Process process = Process.GetProcessById(child!.Id))
            process.Kill();
        VirtException error = await Assert.ThrowsAsync<VirtConnectionException>(() => call.WaitAsync(Time));
        Assert.Contains("has ended with exit status 137", error.Message, StringComparison.Ordinal);
        await Hypervisor.SaveCancelled.Task.WaitAsync(Time);
    }

    [Fact]
    public async Task The_program_ends_with_the_connection_and_leaves_the_process_table()
    {
        Stream stream = await ConnectAsync(World);
        ChildProcess child = ((ProcessStream)stream).Child;
        int id = child.Id;
        await stream.DisposeAsync();
        await child.Exited.WaitAsync(Time);
        Assert.Throws<ArgumentException>(() => Process.GetProcessById(id));
    }

    private protected string Script(string name, string text)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }
}
