using System.Reflection;
using System.Runtime.CompilerServices;
using Virt.Connections;

namespace Virt.PowerShell;

/// <summary>
/// Has what the first command of a session runs compiled on a thread of its own, while PowerShell still reads the commands of the
/// module. Nothing is run: what is not compiled in time, or not here, is compiled when it is needed.
/// </summary>
internal static class Preparation
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>The types of Virt.Core on the way of a call to the daemon of this machine, in the order in which they are needed.</summary>
    internal static IReadOnlyList<string> CoreTypes { get; } =
    [
        "Virt.Connections.UriResolver", "Virt.Connections.ConnectionUriParser", "Virt.Connections.ConnectionUri", "Virt.Connections.VirtConnection",
        "Virt.Drivers.DriverTable", "Virt.Remote.RemoteDriver", "Virt.Remote.ConnectDeadline", "Virt.Remote.Transports.RemoteTransports",
        "Virt.Remote.Transports.UnixTransport", "Virt.Rpc.RpcClient", "Virt.Rpc.RpcConnection", "Virt.Rpc.FrameBuffer",
        "Virt.Rpc.SendQueue", "Virt.Rpc.FrameReceiver", "Virt.Rpc.Keepalive", "Virt.Rpc.StallWatch", "Virt.Rpc.PendingCall",
        "Virt.Remote.Authentication.ClientAuthentication", "Virt.Remote.SessionStub", "Virt.Remote.SessionOpenedCodec",
        "Virt.Remote.RemoteDriverConnection", "Virt.Connections.SecondaryDrivers", "Virt.Hosts.HostRecordCodec", "Virt.Hosts.NodeRecordCodec",
        "Virt.Domains.DomainRecordCodec",
    ];

    /// <summary>Begins, where there is a processor for it.</summary>
    public static void Begin()
    {
        if (Environment.ProcessorCount > 1)
            new Thread(Run) { IsBackground = true, Name = "Virt preparation" }.Start();
    }

    /// <summary>Compiles what there is to a type, and to the types inside it.</summary>
    internal static void Prepare(Type type)
    {
        if (type.ContainsGenericParameters)
        {
            if (Shared(type.GetGenericArguments().Length, type.MakeGenericType) is not { } made)
                return;
            type = made;
        }

        foreach (MethodBase method in (MethodBase[])[.. type.GetConstructors(All), .. type.GetMethods(All)])
            Prepare(type, method);
        if (type.IsAssignableTo(typeof(IAsyncStateMachine)) && type.GetField("<>t__builder", All)?.FieldType is { } builder)
            Prepare(builder, builder.GetMethod("Start")!.MakeGenericMethod(type));
        if (type.IsGenericType)
            return;
        foreach (Type inside in type.GetNestedTypes(All))
            Prepare(inside);
    }

    private static void Run()
    {
        try
        {
            Type[] own =
            [
                typeof(RunspaceSessions), typeof(HostSession), typeof(VirtCommand), typeof(PipelinePump), typeof(GetVirtDomainCommand),
                typeof(HostConnection),
            ];
            foreach (Type type in own)
                Prepare(type);
            Assembly core = typeof(VirtConnection).Assembly;
            foreach (string name in CoreTypes)
            {
                if (core.GetType(name) is { } type)
                    Prepare(type);
            }
        }
        catch (Exception)
        {
            // It is nothing that a command could not do without, and there is nobody to tell.
        }
    }

    private static void Prepare(Type type, MethodBase method)
    {
        if (method.IsAbstract)
            return;
        if (method is MethodInfo { ContainsGenericParameters: true } open)
        {
            if (Shared(open.GetGenericArguments().Length, open.MakeGenericMethod) is not { } made)
                return;
            method = made;
        }

        Type[] arguments = [.. type.GetGenericArguments(), .. method.IsGenericMethod ? method.GetGenericArguments() : []];
        if (arguments.Length == 0)
            RuntimeHelpers.PrepareMethod(method.MethodHandle);
        else
            RuntimeHelpers.PrepareMethod(method.MethodHandle, [.. arguments.Select(argument => argument.TypeHandle)]);
    }

    // The code for all classes is the same.
    private static T? Shared<T>(int arguments, Func<Type[], T> make)
        where T : class
    {
        try
        {
            return make([.. Enumerable.Repeat(typeof(object), arguments)]);
        }
        catch (ArgumentException)
        {
            // It is not for all classes.
            return null;
        }
    }
}
