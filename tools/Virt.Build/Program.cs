using System.Runtime.InteropServices;
using Virt.Build.Tasks;

namespace Virt.Build;

/// <summary>The dotnet half of the build: <c>dotnet run --project tools/Virt.Build -- TASK</c>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        using var stop = new CancellationTokenSource();
        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }

        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        try
        {
            return await TaskTable.RunAsync(Repository.Find(), args, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Log.Error("stopped");
            return ExitCode.Stopped;
        }
        catch (BuildException failed)
        {
            Log.Error(failed.Message);
            return failed.ExitCode;
        }
    }
}
