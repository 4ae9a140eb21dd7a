using Virt.Rpc;
using Virt.Rpc.Packing;

namespace Virt.Daemon.Rpc.Audit;

/// <summary>Finds in a call's arguments the object that it is about, without the rest being decoded.</summary>
internal static class SubjectReader
{
    /// <summary>The object; null when the arguments do not say.</summary>
    public static Subject? Read(SubjectArgument? argument, ReadOnlyMemory<byte> arguments)
    {
        if (argument is null)
            return null;
        try
        {
            var reader = new PackReader(arguments);
            if (!Go(ref reader, argument.Position) || (argument.Field is { } field && !Go(ref reader, field)))
                return null;
            return argument.IsUuid ? new(argument.Kind, null, reader.ReadGuid()) : new(argument.Kind, reader.ReadString(), null);
        }
        catch (PackException)
        {
            return null;
        }
    }

    private static bool Go(ref PackReader reader, int position)
    {
        if (reader.ReadArrayHeader() <= position)
            return false;
        reader.Skip(position);
        return true;
    }
}
