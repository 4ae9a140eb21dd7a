using System.Text.Json;
using Virt.Daemon.Drivers.Qemu.Capabilities;
using Virt.Daemon.Drivers.Qemu.CommandLine;

namespace Virt.Tests.Daemon.Qemu.Definition;

/// <summary>Starts a command line, with the monitor on its standard input and output, and ends it again.</summary>
internal static class RealQemu
{
    public static async Task TryAsync(QemuCommandLine line, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        ProbeProcess process = ProbeProcess.Start(line.Executable, line.Arguments.Select(argument =>
            argument.StartsWith("socket,id=charmonitor,", StringComparison.Ordinal) ? "stdio,id=charmonitor,signal=off" : argument));
        await using (process.ConfigureAwait(false))
        {
            var monitor = new ProbeMonitor(process, line.Executable);
            await monitor.GreetAsync(limit.Token);
            foreach (PostStartCommand command in line.PostStart)
            {
                JsonElement? reply = await monitor.TryAskAsync(command.Execute, (System.Text.Json.Nodes.JsonObject?)command.Arguments?.DeepClone(), limit.Token);
                Assert.True(reply is not null, $"{command.Execute} {command.Arguments} is refused");
                command.Reply?.Invoke(reply.Value);
            }

            JsonElement status = await monitor.AskAsync("query-status", null, limit.Token);
            Assert.Equal("prelaunch", status.GetProperty("status").GetString());
            Assert.NotNull(await monitor.TryAskAsync("quit", null, limit.Token));
            Assert.Equal(0, await process.WaitAsync(limit.Token));
        }
    }
}
