using Virt.Errors;
using Virt.Rpc.Packing;

namespace Virt.Rpc;

/// <summary>Reads the known positions of an argument array with that many elements.</summary>
internal delegate T ArgumentReader<out T>(ref PackReader reader, int count);

/// <summary>A call's argument array, as generated procedures read it.</summary>
internal static class CallArguments
{
    /// <summary>Reads the arguments; what cannot be read is an invalid argument that names the procedure.</summary>
    public static T Read<T>(IIncomingCall call, string procedure, int known, ArgumentReader<T> read)
    {
        try
        {
            var reader = new PackReader(call.Arguments);
            int count = WireArray.Begin(ref reader);
            T arguments = read(ref reader, count);
            WireArray.End(ref reader, count, known);
            if (!reader.IsEnd)
                throw new PackException(PackFailure.BadData, "bytes follow the argument array");
            return arguments;
        }
        catch (PackException e)
        {
            throw VirtException.Create(
                VirtErrorCode.InvalidArgument,
                $"the arguments of {procedure} cannot be read: {e.Message}",
                recommendedAction: "Call it with the argument array its contract describes; a client and a daemon of the same version of Virt agree on it.",
                innerException: e);
        }
    }

    /// <summary>The same for a procedure without arguments: those of a newer caller are skipped.</summary>
    public static void Check(IIncomingCall call, string procedure) =>
        Read(call, procedure, 0, static (ref PackReader _, int _) => 0);
}
